package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A client that repeats what a journal says it asked for is that client again. */
class RepeatedClientTest {
  @Provide
  Arbitrary<HostSpec> hosts() {
    return new HostInvariantsTest().hosts();
  }

  /** The same hosts, asked at a rate that some of them cannot keep up with. */
  @Provide
  Arbitrary<HostSpec> openLoops() {
    Arbitrary<Long> rate = Arbitraries.of(5_000L, 100_000L, 2_000_000L);
    return Combinators.combine(hosts(), rate).as(RepeatedClientTest::at);
  }

  static HostSpec at(HostSpec spec, long rate) {
    return with(
        spec,
        client ->
            new ClientSpec.Synthetic(
                client.name(),
                client.device(),
                client.cpu(),
                client.api(),
                client.batch(),
                new LoadSpec.OpenLoop(rate, true, client.load().depth(), 0),
                client.workload()));
  }

  private static ClientSpec.Synthetic mapping(ClientSpec.Synthetic client, MapApi api) {
    return new ClientSpec.Synthetic(
        client.name(),
        client.device(),
        client.cpu(),
        api,
        client.batch(),
        client.load(),
        client.workload());
  }

  private static HostSpec with(HostSpec spec, UnaryOperator<ClientSpec.Synthetic> change) {
    List<ClientSpec> clients = new ArrayList<>();
    spec.clients().forEach(each -> clients.add(change.apply((ClientSpec.Synthetic) each)));
    return Repetition.with(spec, clients);
  }

  private static HostSpec closedAgain(HostSpec spec, List<Event> events) {
    return Repetition.of(spec, events, depth -> new LoadSpec.ClosedLoop(depth, 0));
  }

  private static HostSpec asRecorded(HostSpec spec, List<Event> events) {
    return Repetition.of(spec, events, LoadSpec.AsRecorded::new);
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Property(tries = 60)
  void shouldGiveTheSameEventsInAClosedLoop(@ForAll("hosts") HostSpec spec) {
    List<Event> events = HostInvariantsTest.run(spec);

    assertThat(HostInvariantsTest.run(closedAgain(spec, events))).isEqualTo(events);
  }

  @Property(tries = 60)
  void shouldGiveTheSameEventsAtTheArrivalsOfAnOpenLoop(@ForAll("openLoops") HostSpec spec) {
    List<Event> events = HostInvariantsTest.run(spec);

    // What arrived and was never taken up is not known, and does nothing.
    assertThat(HostInvariantsTest.run(asRecorded(spec, events)))
        .filteredOn(RepeatedClientTest::counts)
        .isEqualTo(takenUp(events));
  }

  /** Arrivals change where batches are cut, and so where the sums of the locks stand. */
  private static boolean counts(Event event) {
    return !(event instanceof Event.LockUsed);
  }

  private static List<Event> takenUp(List<Event> events) {
    List<Event.DmaRequested> asked = of(events, Event.DmaRequested.class);
    return events.stream()
        .filter(RepeatedClientTest::counts)
        .filter(
            event ->
                !(event instanceof Event.RequestArrived arrived)
                    || asked.stream()
                        .anyMatch(e -> e.client() == arrived.client() && e.op() == arrived.op()))
        .toList();
  }

  @Test
  void shouldAskAtItsInstantWhateverBecameOfTheOthersUnderAnotherPolicy() {
    HostSpec strict = TestHosts.nvme().build();
    HostSpec lazy = TestHosts.nvme().mode(IommuMode.LAZY).build();
    List<Event> events = HostInvariantsTest.run(strict);

    List<Event> again = HostInvariantsTest.run(asRecorded(lazy, events));

    assertThat(of(again, Event.RequestArrived.class))
        .extracting(Event::t)
        .isEqualTo(of(events, Event.DmaRequested.class).stream().map(Event::t).toList());
    assertThat(of(again, Event.InvalidationPosted.class))
        .hasSizeLessThan(of(events, Event.InvalidationPosted.class).size() / 10);
  }

  @Test
  void shouldCountLatencyFromTheArrivalWhereTheDepthIsUsedUp() {
    HostSpec fast = TestHosts.nvme().clients(1).load(new LoadSpec.ClosedLoop(8, 100)).build();
    List<Event> events = HostInvariantsTest.run(fast);

    List<Event> again =
        HostInvariantsTest.run(Repetition.of(fast, events, depth -> new LoadSpec.AsRecorded(1)));

    List<Event.RequestDone> done = of(again, Event.RequestDone.class);
    List<Event.RequestArrived> arrived = of(again, Event.RequestArrived.class);
    assertThat(arrived).hasSize(100);
    assertThat(done).hasSizeBetween(50, 100);
    for (Event.RequestDone each : done) {
      assertThat(each.latencyNs()).isEqualTo(each.t() - arrived.get((int) each.op()).t());
    }
    assertThat(done.get(done.size() - 1).latencyNs()).isGreaterThan(200_000);
  }

  @Property(tries = 20)
  void shouldMapTheSameMemoryAnotherWay(
      @ForAll("hosts") HostSpec spec, @ForAll @IntRange(max = 3) int api) {
    List<Event> events = HostInvariantsTest.run(spec);
    HostSpec again = closedAgain(with(spec, queue -> mapping(queue, MapApi.of(api))), events);

    List<Event.DmaRequested> asked = of(HostInvariantsTest.run(again), Event.DmaRequested.class);
    List<Event.DmaRequested> first = of(events, Event.DmaRequested.class);
    for (int client = 0; client < spec.clients().size(); client++) {
      int number = client;
      List<?> now = asked.stream().filter(e -> e.client() == number).map(e -> e.phyrs()).toList();
      List<?> then = first.stream().filter(e -> e.client() == number).map(e -> e.phyrs()).toList();
      int both = Math.min(now.size(), then.size());
      assertThat(now.subList(0, both)).isEqualTo(then.subList(0, both));
    }
  }
}
