package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Recorded requests are repeated at their instants and on their CPUs, and a release never overtakes
 * the device.
 */
class RecordedDriverTest {
  /**
   * Three maps (coherent, page, list) and the release of each; the page's comes before its device
   * can be done.
   */
  private static final RecordedRequests REQUESTS = requests();

  private static RecordedRequests requests() {
    RecordedRequestsBuilder entries = new RecordedRequestsBuilder();
    map(entries, 1_000, 0, 0, MapApi.COHERENT, new long[] {0x10000}, 8192);
    map(entries, 5_000, 1, 1, MapApi.PAGE, new long[] {0x20200}, 512);
    entries.released(6_000, 1, 2);
    map(entries, 9_000, 2, 1, MapApi.SG, new long[] {0x30000, 0x50000}, 4096, 4096);
    entries.released(500_000, 2, 3);
    entries.released(600_000, 0, 0);
    return entries.build();
  }

  private static void map(
      RecordedRequestsBuilder to, long t, int op, int cpu, MapApi api, long[] phys, int... length) {
    to.arrived(t, op, cpu);
    to.told(op, Direction.FROM_DEVICE.ordinal(), api.ordinal(), phys.length, phys, length);
  }

  private static List<Event> run(MapApi api) {
    ClientSpec client =
        new ClientSpec.Recorded("nvme", 0, REQUESTS, api, BatchSize.ofBytes(1 << 20));
    return HostInvariantsTest.run(TestHosts.nvme().client(client).end(10_000_000).build());
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void shouldAskAtTheRecordedInstants() {
    List<Event> events = run(null);
    assertThat(of(events, Event.DmaRequested.class))
        .extracting(Event::t)
        .containsExactly(1_000L, 5_000L, 9_000L);
    assertThat(of(events, Event.ReleaseRequested.class))
        .extracting(Event::t)
        .containsExactly(6_000L, 500_000L, 600_000L);
  }

  @Test
  void shouldMapAndUnmapOnTheCpusOfTheRecording() {
    List<Event> events = run(null);
    assertThat(of(events, Event.CallEntered.class))
        .filteredOn(each -> CallKind.of(each.what()).maps())
        .extracting(Event.CallEntered::cpu)
        .containsExactly(0, 1, 1);
    assertThat(of(events, Event.CallEntered.class))
        .filteredOn(each -> each.what() == CallKind.UNMAP.ordinal())
        .extracting(Event.CallEntered::cpu)
        .containsExactly(2, 3, 0);
  }

  @Test
  void shouldNotUnmapWhatTheDeviceStillUses() {
    List<Event> events = run(null);
    Event.Completed completed = of(events, Event.Completed.class).get(0);
    Event.PtesCleared cleared = of(events, Event.PtesCleared.class).get(0);
    assertThat(completed.op()).isEqualTo(1);
    assertThat(cleared.t()).isGreaterThanOrEqualTo(completed.t()).isGreaterThan(6_000);
    assertThat(of(events, Event.Faulted.class)).isEmpty();
  }

  @Test
  void shouldLeaveCoherentMemoryAloneAndGiveEverythingBack() {
    List<Event> events = run(null);
    assertThat(of(events, Event.Submitted.class))
        .extracting(Event.Submitted::op)
        .containsExactly(1L, 2L);
    assertThat(of(events, Event.Unmapped.class)).hasSize(3);
    assertThat(of(events, Event.RequestDone.class)).hasSize(2);
  }

  @Test
  void shouldMapTheSameRequestsAnotherWay() {
    List<Event> asPages = run(MapApi.PAGE);
    assertThat(of(asPages, Event.Mapped.class)).hasSize(4);
    assertThat(of(asPages, Event.DmaRequested.class))
        .isEqualTo(of(run(null), Event.DmaRequested.class));
    assertThat(of(run(MapApi.BATCH), Event.Mapped.class)).hasSize(3);
  }
}
