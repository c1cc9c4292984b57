package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Buffers that a client keeps are mapped once, and its requests move data in them. */
class KeptBuffersTest {
  private static final int LARGE = 2 << 20;

  private static List<Event> run(TestHosts hosts) {
    return HostInvariantsTest.run(hosts.build());
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static List<Event.DmaRequested> asked(List<Event> events, MapApi api) {
    return of(events, Event.DmaRequested.class).stream()
        .filter(each -> each.api() == api.ordinal())
        .toList();
  }

  @ParameterizedTest
  @EnumSource(IommuMode.class)
  void shouldMapEachBufferOnceAndUnmapNone(IommuMode mode) {
    List<Event> events = run(TestHosts.nvme().mode(mode).clients(1).kept(16, 8192, true));
    assertThat(asked(events, MapApi.KEPT)).hasSize(16);
    assertThat(of(events, Event.Mapped.class)).hasSize(32);
    assertThat(of(events, Event.Unmapped.class)).isEmpty();
    assertThat(of(events, Event.Faulted.class)).isEmpty();
    assertThat(of(events, Event.RequestDone.class)).hasSizeGreaterThan(500);
    assertThat(asked(events, MapApi.REUSED)).hasSizeGreaterThan(500);
  }

  @Test
  void shouldBeginWhenAllBuffersAreMapped() {
    List<Event> events = run(TestHosts.nvme().clients(1).kept(16, 4096, true));
    long lastMapped = of(events, Event.Mapped.class).get(15).t();
    assertThat(asked(events, MapApi.REUSED).get(0).t()).isGreaterThanOrEqualTo(lastMapped);
    assertThat(asked(events, MapApi.REUSED).get(0).op()).isEqualTo(16);
  }

  /** One large page serves 512 small requests, each with memory of its own. */
  @Test
  void shouldMoveManySmallRequestsInOneLargePage() {
    List<Event> events =
        run(
            TestHosts.nvme()
                .clients(1)
                .api(MapApi.PAGE)
                .kept(1, LARGE, LARGE, true)
                .load(new LoadSpec.ClosedLoop(64, 0)));
    assertThat(of(events, Event.PtesMapped.class))
        .extracting(Event.PtesMapped::pageShift)
        .containsExactly(21);
    List<Event.DmaRequested> requests = asked(events, MapApi.REUSED);
    Set<Long> first = new HashSet<>();
    requests.subList(0, 512).forEach(each -> first.add(each.phyrs().get(0).start()));
    assertThat(first).hasSize(512);
    assertThat(first).contains(requests.get(512).phyrs().get(0).start());
    assertThat(of(events, Event.Translated.class)).allMatch(each -> each.pages() == 1);
    long reads = of(events, Event.Translated.class).stream().mapToLong(e -> e.reads()).sum();
    assertThat(reads).isEqualTo(1);
  }

  /** No request is given memory that another one in flight has. */
  @Test
  void shouldGiveEachPartToOneRequestAtATime() {
    List<Event> events = run(TestHosts.nvme().clients(1).kept(3, 3 * 4096 + 100, false));
    Set<Long> inFlight = new HashSet<>();
    Set<Long> ops = new HashSet<>();
    for (Event event : events) {
      if (event instanceof Event.DmaRequested e && e.api() == MapApi.REUSED.ordinal()) {
        assertThat(inFlight.add(e.phyrs().get(0).start())).isTrue();
        ops.add(e.op());
      } else if (event instanceof Event.RequestDone e) {
        ops.remove(e.op());
        Event.DmaRequested done =
            asked(events, MapApi.REUSED).stream().filter(r -> r.op() == e.op()).findFirst().get();
        inFlight.remove(done.phyrs().get(0).start());
      }
      assertThat(ops).hasSizeLessThanOrEqualTo(9);
    }
    assertThat(asked(events, MapApi.REUSED)).hasSizeGreaterThan(300);
  }

  /** Coherent devices that bounce nothing are not synced by Linux since 6.10: it costs nothing. */
  @Test
  void shouldTakeTheSameTimeWithAndWithoutSyncing() {
    List<Event> synced = run(TestHosts.nvme().clients(2).kept(16, 4096, true));
    List<Event> unsynced = run(TestHosts.nvme().clients(2).kept(16, 4096, false));
    assertThat(of(synced, Event.RequestDone.class))
        .isEqualTo(of(unsynced, Event.RequestDone.class));
  }

  @Test
  void shouldOnlyHoldItsMappingsWhenItAsksForNothing() {
    List<Event> events =
        run(TestHosts.nvme().clients(1).kept(100, 4096, true).load(new LoadSpec.Idle()));
    assertThat(of(events, Event.Mapped.class)).hasSize(100);
    assertThat(asked(events, MapApi.REUSED)).isEmpty();
    assertThat(of(events, Event.Submitted.class)).isEmpty();
  }

  /** Where the space is too small for all buffers, the client works with those that it has. */
  @Test
  void shouldWorkWithTheBuffersThatCouldBeMapped() {
    List<Event> events = run(TestHosts.nvme().clients(1).limitPfn(12).kept(32, 4096, true));
    assertThat(of(events, Event.MapFailed.class)).isNotEmpty();
    assertThat(of(events, Event.Mapped.class)).hasSizeBetween(1, 12);
    assertThat(of(events, Event.RequestDone.class)).hasSizeGreaterThan(100);
  }

  @Test
  void shouldMapForTheWayOfItsRequests() {
    List<Event> events = run(TestHosts.nvme().clients(1).kept(4, 4096, true));
    assertThat(asked(events, MapApi.KEPT))
        .allMatch(each -> each.direction() == Direction.BIDIRECTIONAL.ordinal());
  }

  /** A part is used as often as it may, by one request at a time, and only while it is mapped. */
  @ParameterizedTest
  @EnumSource(IommuMode.class)
  void shouldMapAnotherBufferWhenOneIsWorn(IommuMode mode) {
    List<Event> events =
        run(TestHosts.nvme().mode(mode).clients(2).completionCpus().cpus(4).worn(6, 16_384, 2));
    AddressLife life = new AddressLife();
    events.forEach(event -> event.to(life));

    assertThat(life.violations()).isEmpty();
    assertThat(of(events, Event.Faulted.class)).isEmpty();
    List<Event.DmaRequested> buffers = asked(events, MapApi.KEPT);
    long reused = of(events, Event.RequestDone.class).size();
    assertThat(buffers.size()).isGreaterThan(20);
    // Of four parts, twice each, all but those of the buffers in use at the end.
    assertThat(reused).isBetween(8L * (buffers.size() - 12), 8L * buffers.size());
    assertThat(of(events, Event.Unmapped.class).size() / 4)
        .isBetween(buffers.size() - 14, buffers.size());
  }

  /** 64 pages in one range of IOVA are invalidated together, page by page they are not (F&S). */
  @Test
  void aDescriptorOfOneRangeIsInvalidatedAtOnce() {
    List<Event> apart = run(TestHosts.nvme().clients(1).worn(3, 64 * 4096, 1).api(MapApi.PAGE));
    List<Event> together = run(TestHosts.nvme().clients(1).worn(3, 64 * 4096, 1).api(MapApi.IOVA));

    assertThat(invalidationsPerRequest(apart)).isBetween(0.8, 1.0);
    assertThat(invalidationsPerRequest(together)).isBetween(0.5 / 64, 1.0 / 64);
  }

  private static double invalidationsPerRequest(List<Event> events) {
    return (double) of(events, Event.InvalidationPosted.class).size()
        / of(events, Event.RequestDone.class).size();
  }
}
