package dev.mapstorm.load.step;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.diff.NumberedEvent;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.index.RunIndex;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps from random places against the plain list of events. */
class StepperTest {
  private static final int TRIES = 40;

  @TempDir private static Path folder;

  private static final List<Event> EVENTS = new ArrayList<>();

  /** The entries of calls, by domain and number, and the postings, by unit and ticket. */
  private static final Map<List<Object>, Event> CALLS = new HashMap<>();

  private static final Map<List<Object>, Event> POSTED = new HashMap<>();
  private static RecordedRun run;
  private static RunIndex index;

  private final SplittableRandom random = new SplittableRandom(5);
  private Stepper stepper;

  @BeforeAll
  static void journal() {
    Path path = folder.resolve("run");
    Ran ran =
        mapstorm(
            "run",
            "nvme-4k",
            "--duration=1ms",
            "--set=devices=2",
            "--set=clients=4",
            "--set=client.depth=8",
            "--set=journal.batch-events=250",
            "--out=" + path);
    assertThat(ran.code()).as(ran.err()).isZero();
    run = RecordedRun.open(path);
    run.replay(0, new EventRecorder(EVENTS::add), Moment.END, (part, events) -> {});
    for (Event event : EVENTS) {
      if (event instanceof Event.CallEntered call) {
        CALLS.put(List.of(call.domain(), call.call()), call);
      } else if (event instanceof Event.InvalidationPosted posted) {
        POSTED.put(List.of(posted.iommu(), posted.ticket()), posted);
      }
    }
    index = run.index(note -> {});
  }

  @AfterAll
  static void closeIndex() {
    index.close();
  }

  @BeforeEach
  void begin() {
    stepper = new Stepper(host(), (part, events) -> {});
  }

  @AfterEach
  void end() {
    stepper.close();
  }

  private static HostIndex host() {
    return index.host(0);
  }

  private static EventFilter filter(String... words) {
    return EventFilter.parse(List.of(words), run.outline(0));
  }

  private static Optional<Object> argument(Event event, String name) {
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      if (component.getName().equals(name)) {
        try {
          return Optional.of(component.getAccessor().invoke(event));
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      }
    }
    return Optional.empty();
  }

  /** The same for what only the call of the event has, or its invalidation. */
  private static Optional<Object> attributed(Event event, String name) {
    Optional<Object> own = argument(event, name);
    if (own.isPresent() || !Set.of("client", "op", "cpu", "domain").contains(name)) {
      return own;
    }
    if (event instanceof Event.InvalidationCompleted done) {
      return attributed(POSTED.get(List.of(done.iommu(), done.ticket())), name);
    }
    return argument(event, "call")
        .flatMap(
            call ->
                argument(CALLS.get(List.of(argument(event, "domain").orElseThrow(), call)), name));
  }

  private static Predicate<Event> has(String name, long value) {
    return event ->
        attributed(event, name).filter(each -> ((Number) each).longValue() == value).isPresent();
  }

  /** What the list of events gives: the numbers of those that follow or precede a place. */
  private static List<Long> expected(Predicate<Event> wanted, long from, boolean ahead, int most) {
    IntStream numbers =
        ahead
            ? IntStream.range((int) from + 1, EVENTS.size())
            : IntStream.iterate((int) from - 1, i -> i >= 0, i -> i - 1);
    return numbers
        .filter(i -> wanted.test(EVENTS.get(i)))
        .limit(most)
        .mapToObj(Long::valueOf)
        .toList();
  }

  private void assertSteps(EventFilter filter, Predicate<Event> wanted) {
    assertThat(EVENTS.stream().anyMatch(wanted)).isTrue();
    for (int i = 0; i < TRIES; i++) {
      long from = random.nextLong(-1, EVENTS.size());
      int count = random.nextInt(1, 5);
      boolean ahead = random.nextBoolean();
      stepper.goTo(from);

      Stepper.Passed passed =
          ahead ? stepper.next(filter, count, 100) : stepper.previous(filter, count, 100);

      List<Long> expected = expected(wanted, from, ahead, count);
      assertThat(passed.shown()).extracting(NumberedEvent::number).isEqualTo(expected);
      assertThat(passed.found()).isEqualTo(expected.size());
      for (NumberedEvent each : passed.shown()) {
        assertThat(each.event()).isEqualTo(EVENTS.get((int) each.number()));
      }
      assertThat(stepper.current())
          .isEqualTo(expected.isEmpty() ? from : expected.get(expected.size() - 1));
    }
  }

  @Test
  void anyEvent() {
    assertSteps(filter(), event -> true);
  }

  @Test
  void eventsOfAKind() {
    assertSteps(filter("kind=iova-freed"), Event.IovaFreed.class::isInstance);
    assertSteps(filter("kind=lock-used"), Event.LockUsed.class::isInstance);
  }

  @Test
  void eventsOfADevice() {
    BitSet clients = host().clients(1, Moment.END, (part, n) -> {});
    assertThat(clients.cardinality()).isBetween(1, 3);
    Predicate<Event> ofDevice =
        event -> {
          Optional<Object> client = attributed(event, "client").filter(each -> (int) each >= 0);
          Optional<Object> domain = attributed(event, "domain");
          Optional<Object> instance = argument(event, "instance");
          boolean ofUnit = has("lock", LockClass.INVALIDATION_QUEUE.ordinal()).test(event);
          return client.isPresent()
              ? clients.get((int) client.get())
              : domain.isPresent()
                  ? domain.get().equals(1)
                  : instance.isEmpty() || ofUnit || LockClass.owner((int) instance.get()) == 1;
        };
    assertSteps(filter("device=1"), ofDevice);
    assertSteps(
        filter("device=1", "kind=iova-freed"), ofDevice.and(Event.IovaFreed.class::isInstance));
    assertSteps(
        filter("device=1", "lock=L5"), ofDevice.and(has("lock", LockClass.CACHE_TAG.ordinal())));
  }

  @Test
  void steppingAndExportMeanTheSameByADevice() {
    Path tables = folder.resolve("tables");
    String export =
        "export %s --format csv --device nvme1 --out %s --json".formatted(run.path(), tables);
    long exported = mapstorm(export.split(" ")).json().get("events").asLong();

    assertThat(stepper.next(filter("device=nvme1"), EVENTS.size(), 1).found())
        .isEqualTo(exported)
        .isBetween(1L, EVENTS.size() - 1L);
  }

  @Test
  void eventsOfALock() {
    assertSteps(
        filter("lock=L5"),
        event ->
            argument(event, "lock")
                .filter(Integer.valueOf(LockClass.CACHE_TAG.ordinal())::equals)
                .isPresent());
  }

  @Test
  void eventsThatNameAnAddress() {
    Event.Mapped mapped =
        EVENTS.stream()
            .filter(Event.Mapped.class::isInstance)
            .map(Event.Mapped.class::cast)
            .skip(100)
            .findFirst()
            .orElseThrow();
    Predicate<Event> named = has("pfn", mapped.pfn());
    assertSteps(filter("iova=0x" + Long.toHexString(mapped.pfn() << 12)), named);
    assertSteps(EventFilter.touching(Set.of(mapped.pfn())), named);
  }

  @Test
  void eventsThatMeetSeveralConditions() {
    assertSteps(
        filter("client=2", "kind=submitted", "op=7"),
        event -> event instanceof Event.Submitted s && s.client() == 2 && s.op() == 7);
    assertSteps(filter("cpu=2", "domain=0"), has("cpu", 2).and(has("domain", 0)));
  }

  @Test
  void whatNoKindOfEventCanBeIsRefused() {
    assertThatThrownBy(() -> filter("kind=iova-freed", "lock=L5"))
        .isInstanceOf(StepException.class)
        .hasMessage("kind=iova-freed lock=L5: no kind of event can be all of that");
  }

  @Test
  void onlyTheLastOfManyAreShown() {
    Stepper.Passed passed = stepper.next(filter(), 1000, 3);

    assertThat(passed.found()).isEqualTo(1000);
    assertThat(passed.shown()).extracting(NumberedEvent::number).containsExactly(997L, 998L, 999L);
    assertThat(stepper.current()).isEqualTo(999);
    assertThat(stepper.previous(filter(), 5000, 2).found()).isEqualTo(999);
    assertThat(stepper.current()).isZero();
  }

  @Test
  void aSearchThatShowsNothingArrivesAllTheSame() {
    assertThat(stepper.next(filter(), 3, 0)).isEqualTo(new Stepper.Passed(3, List.of()));
    assertThat(stepper.current()).isEqualTo(2);
    assertThat(stepper.next(filter("kind=iova-freed"), 1, 0).found()).isOne();
    assertThat(EVENTS.get((int) stepper.current())).isInstanceOf(Event.IovaFreed.class);
  }

  @Test
  void anInstantIsBehindItsLastEvent() {
    for (int i = 0; i < TRIES; i++) {
      long t = random.nextLong(EVENTS.get(EVENTS.size() - 1).t() + 100);
      long last = EVENTS.stream().filter(event -> event.t() <= t).count() - 1;
      assertThat(stepper.lastUpTo(t)).isEqualTo(last);
    }
  }

  @Test
  void theStateIsThatBehindTheEventAtHand() {
    for (int i = 0; i < TRIES / 2; i++) {
      long event = random.nextLong(-1, EVENTS.size());
      stepper.goTo(event);
      HostFold fold = new HostFold(Collections.nCopies(2, run.scenario().machine(0).iova()));
      EVENTS.subList(0, (int) event + 1).forEach(each -> each.to(fold));
      assertThat(stepper.state()).isEqualTo(fold.state());
    }
  }

  @Test
  void batchesThatCannotHoldTheEventAreNotRead() {
    long[] looked = {0};
    try (Stepper counting = new Stepper(host(), (part, events) -> looked[0]++)) {
      looked[0] = 0;
      EventFilter absent = filter("kind=flush-queued");
      assertThat(counting.next(absent, 1, 1).found()).isZero();
      assertThat(counting.next(filter("iova=0x1000"), 1, 1).found()).isZero();
      assertThat(looked[0]).isZero();
      assertThat(counting.next(filter("client=9"), 1, 1).found()).isZero();
      assertThat(looked[0]).isZero();
    }
  }
}
