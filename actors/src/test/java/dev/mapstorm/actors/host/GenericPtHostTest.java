package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** VT-d with generic_pt, as since Linux 7.0, beside its own page table of 6.12. */
class GenericPtHostTest {
  private static final int LARGE_AND_SMALL = (2 << 20) + 4096;

  private static List<Event> run(PageTableFormat format) {
    TestHosts hosts = TestHosts.nvme().end(5_000_000);
    hosts.domain(
        new DmaIommuSpec(
            IommuMode.STRICT,
            IovaParameters.LINUX,
            (1L << 36) - 1,
            List.of(new long[] {0xfee00, 0xfeeff}),
            format,
            new FlushSpec(false, 256, 10_000_000),
            0xffffffffL,
            4 << 20,
            TestHosts.IOMMU_COSTS));
    hosts.client(
        new ClientSpec.Synthetic(
            "queue",
            0,
            0,
            MapApi.SG,
            BatchSize.ofBytes(1 << 20),
            new LoadSpec.ClosedLoop(1, 3),
            new WorkloadSpec(LARGE_AND_SMALL, 2 << 20, 100, 0, 0)));
    return HostInvariantsTest.run(hosts.build());
  }

  private static List<Long> invalidated(List<Event> events) {
    return events.stream()
        .filter(Event.InvalidationPosted.class::isInstance)
        .map(each -> ((Event.InvalidationPosted) each).pages())
        .toList();
  }

  @Test
  void shouldInvalidateARangeOnceWhereTheOwnTableNeedsACallForEachPageSize() {
    List<Event> own = run(PageTableFormat.VTD_4_LEVELS);
    List<Event> generic = run(PageTableFormat.genericVtd(4, PageSizes.VTD_4K_2M_1G));

    assertThat(invalidated(own)).containsExactly(512L, 1L, 512L, 1L, 512L, 1L);
    assertThat(invalidated(generic)).containsExactly(513L, 513L, 513L);
    assertThat(generic).filteredOn(Event.RequestDone.class::isInstance).hasSize(3);
  }
}
