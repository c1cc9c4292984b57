package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.unmanaged.UnmanagedSpec;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.KeptSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients of the IOMMU API have the addresses that they choose. */
class UnmanagedDomainTest {
  private static final int GIB = 1 << 30;

  private static TestHosts host(ClientSpec... clients) {
    TestHosts host = TestHosts.nvme().end(1_000_000);
    host.domain(new UnmanagedSpec(PageTableFormat.VTD_4_LEVELS));
    for (ClientSpec client : clients) {
      host.client(client);
    }
    return host;
  }

  private static ClientSpec client(int cpu, LoadSpec load, WorkloadSpec workload) {
    return new ClientSpec.Synthetic(
        "queue-" + cpu, 0, cpu, MapApi.IOMMU, BatchSize.ofBytes(1 << 20), load, workload);
  }

  private static WorkloadSpec pages(int pages, long firstIova) {
    return new WorkloadSpec(pages * 4096, 4096, 100, 0, 0, null, firstIova);
  }

  private static List<Event> run(TestHosts host) {
    return HostInvariantsTest.run(host.build());
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void shouldMapAtTheAddressesOfTheClientAndUnmapAtOnce() {
    List<Event> events =
        run(host(client(0, new LoadSpec.ClosedLoop(3, 0), pages(5, 0x7000_0000L))));
    assertThat(of(events, Event.Mapped.class))
        .hasSizeGreaterThan(20)
        .allMatch(each -> (each.pfn() - 0x70000) % 5 == 0 && each.pfn() < 0x70000 + 15)
        .allMatch(each -> each.pages() == 5);
    assertThat(of(events, Event.InvalidationCompleted.class)).hasSizeGreaterThan(20);
    assertThat(of(events, Event.FlushQueued.class)).isEmpty();
    assertThat(of(events, Event.Faulted.class)).isEmpty();
    assertThat(of(events, Event.CallEntered.class))
        .extracting(Event.CallEntered::what)
        .containsOnly(CallKind.IOMMU_MAP.ordinal(), CallKind.IOMMU_UNMAP.ordinal());
    assertThat(of(events, Event.RequestDone.class)).hasSizeGreaterThan(20);
  }

  /** What a guest's memory is to VFIO: mapped once, in the largest pages there are. */
  @Test
  void shouldMapAGuestsMemoryInLargePages() {
    WorkloadSpec guest =
        new WorkloadSpec(4096, GIB, 50, 2, 0, new KeptSpec(GIB, false), 0x1_0000_0000L);
    List<Event> events = run(host(client(0, new LoadSpec.ClosedLoop(8, 0), guest)));
    assertThat(of(events, Event.PtesMapped.class))
        .hasSize(2)
        .allMatch(each -> each.pageShift() == 30);
    assertThat(of(events, Event.RequestDone.class)).hasSizeGreaterThan(50);
    assertThat(of(events, Event.Unmapped.class)).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsMappedAndWhatIsOutOfReach() {
    LoadSpec once = new LoadSpec.ClosedLoop(1, 1);
    List<Event> events =
        run(
            host(
                client(0, once, pages(8, 0x10_0000)),
                client(1, once, pages(8, 0x10_4000)),
                client(2, once, pages(1, (1L << 48) - 4096)),
                client(3, once, pages(2, (1L << 48) - 4096))));
    assertThat(of(events, Event.MapFailed.class))
        .extracting(Event.MapFailed::error)
        .containsExactlyInAnyOrder(
            DmaError.ALREADY_MAPPED.ordinal(), DmaError.OUT_OF_RANGE.ordinal());
    assertThat(of(events, Event.RequestDone.class)).hasSize(2);
  }

  /** A recorded mapping waits until the one that was at its address before is gone. */
  @Test
  void shouldWaitForTheAddressOfAnEarlierMapping() {
    RecordedRequestsBuilder entries = new RecordedRequestsBuilder();
    place(entries, 1_000, 0, MapApi.PAGE, 0x5000, 8192);
    entries.released(2_000, 0, 1);
    place(entries, 2_001, 1, MapApi.IOMMU, 0x6000, 4096);
    place(entries, 2_002, 2, MapApi.IOMMU, 0x5000, 4096);
    entries.released(9_000, 1, 0);
    List<Event> events =
        run(
            host(
                new ClientSpec.Recorded(
                    "d", 0, entries.build(), MapApi.SG, BatchSize.ofBytes(1 << 20))));
    assertThat(of(events, Event.Mapped.class))
        .extracting(Event.Mapped::pfn)
        .containsExactly(5L, 6L, 5L);
    assertThat(of(events, Event.MapFailed.class)).isEmpty();
    long gone = of(events, Event.Unmapped.class).get(0).t();
    assertThat(of(events, Event.DmaRequested.class).subList(1, 3))
        .allMatch(each -> each.t() >= gone);
    assertThat(of(events, Event.Submitted.class))
        .extracting(Event.Submitted::op)
        .containsExactly(0L);
  }

  private static void place(
      RecordedRequestsBuilder to, long t, int op, MapApi api, long iova, int bytes) {
    to.arrived(t, op, op);
    int way = Direction.BIDIRECTIONAL.ordinal();
    to.told(op, way, api.ordinal(), 1, new long[] {0x10_0000L + op * 0x10000}, new int[] {bytes});
    to.placed(op, iova);
  }

  /** Memory that nobody moves at once: a BAR of 32 GiB mapped for a peer. */
  @Test
  void shouldMapMoreThan2GiBAndLeaveItToOthers() {
    RecordedRequestsBuilder entries = new RecordedRequestsBuilder();
    long[] phys = new long[32];
    int[] length = new int[32];
    for (int i = 0; i < 32; i++) {
      phys[i] = 0x280_0000_0000L + (long) i * GIB;
      length[i] = GIB;
    }
    entries.arrived(1_000, 0, 0);
    entries.told(0, Direction.BIDIRECTIONAL.ordinal(), MapApi.PAGE.ordinal(), 32, phys, length);
    entries.released(500_000, 0, 0);
    TestHosts hosts = TestHosts.nvme().end(1_000_000);
    hosts.client(
        new ClientSpec.Recorded("gpu", 0, entries.build(), null, BatchSize.ofBytes(1 << 20)));
    List<Event> events = run(hosts);
    assertThat(of(events, Event.Mapped.class)).hasSize(32).allMatch(each -> each.bytes() == GIB);
    assertThat(of(events, Event.PtesMapped.class)).allMatch(each -> each.pageShift() == 30);
    assertThat(of(events, Event.Submitted.class)).isEmpty();
    assertThat(of(events, Event.Unmapped.class)).hasSize(32);
    assertThat(of(events, Event.RequestDone.class)).isEmpty();
  }
}
