package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.actors.spec.UplinkSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a device can address, whether it tries addresses below 4 GiB first, and its uplink. */
class DmaMasksTest {
  private static final long TOP_32_BIT = 1L << 20;
  private static final IovaParameters NO_CACHES =
      new IovaParameters(127, -1, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);

  private static DeviceSpec device(
      String name, int domain, SacFirst first, long mask, long coherent, UplinkSpec uplink) {
    return new DeviceSpec(
        name, domain, 0, first, mask, coherent, 2_000, 0, 64, 7_000_000_000L, 0, 300, uplink);
  }

  private static ClientSpec client(int number, int device) {
    return new ClientSpec.Synthetic(
        "queue-" + number,
        device,
        number,
        MapApi.PAGE,
        BatchSize.ofBytes(1 << 20),
        new LoadSpec.ClosedLoop(4, 0),
        new WorkloadSpec(4096, 4096, 100, 0, 0));
  }

  private static List<Event> run(TestHosts hosts) {
    return HostInvariantsTest.run(hosts.build());
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void shouldKeepToTheNarrowerOfMaskAndDomain() {
    long mask = (1L << 24) - 1;
    TestHosts hosts = TestHosts.nvme().end(100_000).domains(1);
    hosts.device(device("narrow", 0, SacFirst.NEVER, mask >> 4, DeviceSpec.NO_MASK, null));
    List<Event> narrow = run(hosts.client(client(0, 0)));
    assertThat(of(narrow, Event.IovaAllocated.class))
        .isNotEmpty()
        .allMatch(each -> each.pfn() <= mask >> 4)
        .anyMatch(each -> each.pfn() == mask >> 4);

    TestHosts wide = TestHosts.nvme().end(100_000).limitPfn(300);
    wide.device(device("wide", 0, SacFirst.NEVER, DeviceSpec.NO_MASK, DeviceSpec.NO_MASK, null));
    assertThat(of(run(wide.client(client(0, 0))), Event.IovaAllocated.class))
        .isNotEmpty()
        .allMatch(each -> each.pfn() <= 300);
  }

  @Test
  void shouldHoldCoherentMemoryToItsOwnMask() {
    RecordedRequestsBuilder entries = new RecordedRequestsBuilder();
    long[] phys = {0x10000};
    int[] length = {4096};
    entries.arrived(1_000, 0, 0);
    entries.told(0, 0, MapApi.COHERENT.ordinal(), 1, phys, length);
    entries.arrived(9_000, 1, 0);
    entries.told(1, 0, MapApi.PAGE.ordinal(), 1, phys, length);
    TestHosts hosts = TestHosts.nvme().end(100_000);
    hosts.device(device("d", 0, SacFirst.NEVER, DeviceSpec.NO_MASK, 0xfff, null));
    hosts.client(
        new ClientSpec.Recorded("d", 0, entries.build(), null, BatchSize.ofBytes(1 << 20)));
    List<Event.IovaAllocated> found = of(run(hosts), Event.IovaAllocated.class);
    assertThat(found.get(0).pfn()).isEqualTo(0xfff);
    assertThat(found.get(1).pfn()).isGreaterThan(TOP_32_BIT);
  }

  /** Before Linux 6.5 each allocation walked the exhausted space below 4 GiB again. */
  @Test
  void shouldTryBelow4GiBOnceOrEachTime() {
    assertThat(searches(SacFirst.NEVER)).isZero();
    assertThat(searches(SacFirst.UNTIL_NONE_LEFT)).isLessThan(10);
    assertThat(searches(SacFirst.ALWAYS)).isGreaterThan(100);
  }

  /** Allocations that find their range above 4 GiB later than the cheapest one of all. */
  private static long searches(SacFirst first) {
    TestHosts hosts = TestHosts.nvme().end(400_000).reserved(2, TOP_32_BIT - 1).iova(NO_CACHES);
    hosts.device(device("d", 0, first, DeviceSpec.NO_MASK, DeviceSpec.NO_MASK, null));
    hosts.client(
        new ClientSpec.Synthetic(
            "queue",
            0,
            0,
            MapApi.PAGE,
            BatchSize.ofBytes(1 << 20),
            new LoadSpec.ClosedLoop(8, 0),
            new WorkloadSpec(4096, 4096, 100, 0, 0)));
    List<Event> events = run(hosts);
    long[] entered = new long[events.size() + 1];
    long late = 0;
    for (Event event : events) {
      if (event instanceof Event.CallEntered e) {
        entered[(int) e.call()] = e.t();
      } else if (event instanceof Event.IovaAllocated e && e.pfn() > TOP_32_BIT) {
        late += e.t() - entered[(int) e.call()] > TestHosts.COSTS.mapCall() ? 1 : 0;
      }
    }
    return late;
  }

  /** Two devices of 7 GB/s on an uplink of 7 GB/s move half as much as on links of their own. */
  @Test
  void shouldShareAnUplink() {
    UplinkSpec shared = new UplinkSpec(0, 7_000_000_000L);
    double alone = moved(null, null);
    assertThat(moved(shared, shared) / alone).isBetween(0.45, 0.55);
    assertThat(moved(shared, new UplinkSpec(1, 7_000_000_000L)) / alone).isBetween(0.95, 1.05);
  }

  private static double moved(UplinkSpec first, UplinkSpec second) {
    TestHosts hosts = TestHosts.nvme().mode(IommuMode.PASSTHROUGH).cpus(2).end(5_000_000);
    hosts.device(device("a", 0, SacFirst.NEVER, DeviceSpec.NO_MASK, DeviceSpec.NO_MASK, first));
    hosts.device(device("b", 0, SacFirst.NEVER, DeviceSpec.NO_MASK, DeviceSpec.NO_MASK, second));
    for (int i = 0; i < 2; i++) {
      hosts.client(
          new ClientSpec.Synthetic(
              "queue-" + i,
              i,
              i,
              MapApi.SG,
              BatchSize.ofBytes(1 << 20),
              new LoadSpec.ClosedLoop(8, 0),
              new WorkloadSpec(1 << 20, 1 << 20, 100, 0, 0)));
    }
    return of(run(hosts), Event.RequestDone.class).stream().mapToLong(e -> e.bytes()).sum();
  }
}
