package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.KeptSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RegionSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client of an RDMA device: its memory is registered, used, invalidated and then unmapped. */
class RegionClientTest {
  private static final int PAGES = 32;
  private static final int KEPT = MapApi.KEPT.ordinal();

  private static List<Event> run(MapApi api, int offset, int depth, boolean remote) {
    RegionSpec region = new RegionSpec(16, 4096, 1, 100, 500, 700, remote);
    TestHosts host =
        TestHosts.nvme()
            .client(
                new ClientSpec.Synthetic(
                    "rdma",
                    0,
                    0,
                    0,
                    api,
                    BatchSize.ofBytes(1 << 20),
                    new LoadSpec.ClosedLoop(depth, 0),
                    new WorkloadSpec(PAGES * 4096, 4096, 50, 0, offset),
                    null,
                    region));
    List<Event> events = new ArrayList<>();
    BareLoop.unbatched(host.build(), new EventRecorder(events::add)).run();
    return events;
  }

  @ParameterizedTest
  @EnumSource(
      value = MapApi.class,
      names = {"PAGE", "SG", "BATCH", "IOVA"})
  void whatIsRegisteredIsInvalidatedBeforeItIsUnmapped(MapApi api) {
    Map<Long, Long> registered = new HashMap<>();
    Set<Long> invalidated = new HashSet<>();
    Map<Long, Long> requestOfCall = new HashMap<>();
    int done = 0;
    for (Event event : run(api, 0, 4, false)) {
      if (event instanceof Event.RegionsRegistered e) {
        assertThat(e.regions()).isEqualTo(PAGES / 16);
        assertThat(e.entries()).isEqualTo(PAGES);
        registered.put(e.op(), e.t());
      } else if (event instanceof Event.RegionsInvalidated e) {
        assertThat(registered).containsKey(e.op());
        invalidated.add(e.op());
      } else if (event instanceof Event.CallEntered e) {
        requestOfCall.put(e.call(), e.op());
      } else if (event instanceof Event.Unmapped e) {
        assertThat(invalidated).contains(requestOfCall.get(e.call()));
      } else if (event instanceof Event.Submitted e) {
        assertThat(registered).containsKey(e.op());
      } else if (event instanceof Event.RequestDone) {
        done++;
      }
    }
    assertThat(done).isGreaterThan(50);
  }

  /** Pieces that do not meet at pages are regions of their own, but for the list of a batch. */
  @Test
  void piecesInsidePagesDoNotShareARegion() {
    List<Event> events = run(MapApi.PAGE, 512, 4, false);
    assertThat(events)
        .filteredOn(Event.RegionsRegistered.class::isInstance)
        .extracting(each -> ((Event.RegionsRegistered) each).regions())
        .containsOnly(PAGES);
  }

  /** A local invalidation is another work request and another completion. */
  @Test
  void thePeerInvalidatesForNothing() {
    long local = latency(run(MapApi.IOVA, 0, 1, false));
    long remote = latency(run(MapApi.IOVA, 0, 1, true));

    assertThat(local).isGreaterThan(remote + 2 * 700);
  }

  private static long latency(List<Event> events) {
    long sum = 0;
    long done = 0;
    for (Event event : events) {
      if (event instanceof Event.RequestDone e) {
        sum += e.latencyNs();
        done++;
      }
    }
    return sum / done;
  }

  /** Two buffers of four pages, each used twice, and then unmapped: on-demand paging. */
  @ParameterizedTest
  @EnumSource(
      value = MapApi.class,
      names = {"PAGE", "SG", "BATCH", "IOVA"})
  void onDemandABufferIsMappedWhenTheDeviceFaultsAndLeavesItsTableBeforeItIsUnmapped(MapApi api) {
    long faultNs = 50_000;
    RegionSpec region = new RegionSpec(16, 4096, 1, 100, 500, 700, false, true, faultNs);
    WorkloadSpec workload =
        new WorkloadSpec(16_384, 4096, 50, 2, 0, new KeptSpec(16_384, false, 2), 0);
    TestHosts host =
        TestHosts.nvme()
            .end(2_000_000)
            .client(
                new ClientSpec.Synthetic(
                    "rdma",
                    0,
                    0,
                    0,
                    api,
                    BatchSize.ofBytes(1 << 20),
                    new LoadSpec.ClosedLoop(1, 9),
                    workload,
                    null,
                    region));
    List<Event> events = new ArrayList<>();
    BareLoop.unbatched(host.build(), new EventRecorder(events::add)).run();

    List<Event> maps =
        events.stream()
            .filter(each -> each instanceof Event.DmaRequested e && e.api() == KEPT)
            .toList();
    assertThat(maps).as("9 requests, 2 in each buffer").hasSize(5);
    assertThat(maps.get(0).t()).as("not before the fault is heard of").isEqualTo(faultNs);
    Map<Long, Long> registered = new HashMap<>();
    Set<Long> invalidated = new HashSet<>();
    Map<Long, Long> bufferOfCall = new HashMap<>();
    int done = 0;
    for (Event event : events) {
      if (event instanceof Event.RegionsRegistered e) {
        assertThat(e.entries()).isEqualTo(4);
        registered.put(e.op(), e.t());
      } else if (event instanceof Event.RegionsInvalidated e) {
        assertThat(registered).containsKey(e.op());
        invalidated.add(e.op());
      } else if (event instanceof Event.CallEntered e) {
        bufferOfCall.put(e.call(), e.op());
      } else if (event instanceof Event.PtesCleared e) {
        assertThat(invalidated).contains(bufferOfCall.get(e.call()));
      } else if (event instanceof Event.RequestDone e) {
        done++;
        assertThat(e.latencyNs() > faultNs)
            .as("every other request waits for a fault: %d", done)
            .isEqualTo(done % 2 == 1);
      }
    }
    assertThat(done).isEqualTo(9);
    assertThat(registered).hasSize(5);
    assertThat(invalidated).hasSize(4);
  }
}
