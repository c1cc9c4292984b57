package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.unit.amd.AmdSpec;
import dev.mapstorm.actors.unit.smmu.SmmuSpec;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How CPUs of one domain meet at units of each kind: ratios, no figures. */
class UnitContentionTest {
  private static final IommuSpec SMMU = TestHosts.smmu(10, true, false);

  /**
   * Facts of the kernel's lists (2018 to 2021): 282 000 unmappings a second and CPU on 8 CPUs of
   * one SMMUv3, 11 000 on 64, where a share of the same total would be 35 000.
   */
  @Test
  void theRateACpuFallsFasterThanTheCpusAfterAnSmmusQueueIsSaturated() {
    double few = run(SMMU, 1).completed;
    double saturated = run(SMMU, 16).completed;
    double many = run(SMMU, 64).completed;

    assertThat(saturated).as("16 CPUs do more than one").isGreaterThan(2 * few);
    assertThat(many).as("64 CPUs do less than 16 together").isLessThan(0.85 * saturated);
  }

  @Test
  void aStrictUnmappingWaitsForOthersWhereTheDomainsLockIsHeldAcrossTheWait() {
    double vtd = growth(TestHosts.vtd(256, 18));
    double amd = growth(TestHosts.amd(512, false));
    double smmu = growth(SMMU);

    assertThat(vtd).isGreaterThan(3);
    assertThat(amd).isGreaterThan(3);
    assertThat(smmu).isLessThan(1.8);
  }

  /** The same drivers if they read their lists under RCU, as that of SMMUv3 does. */
  @Test
  void withoutTheDomainsLockAnUnmappingWaitsForTheUnitOnly() {
    Figures vtd = run(new VtdSpec(64, 8, 256, 18, 0, 0, TestHosts.VTD_COSTS), 8);
    Figures amd = run(new AmdSpec(64, 8, 512, 0, 0, TestHosts.AMD_COSTS), 8);
    Figures lockedVtd = run(TestHosts.vtd(256, 18), 8);
    Figures lockedAmd = run(TestHosts.amd(512, false), 8);

    // The unit executes a wait descriptor like any other: CPUs only post side by side.
    assertThat(vtd.unmapNs).isLessThan(0.95 * lockedVtd.unmapNs);
    assertThat(vtd.completed).isGreaterThan(1.05 * lockedVtd.completed);
    assertThat(amd.unmapNs).isLessThan(0.5 * lockedAmd.unmapNs);
    assertThat(amd.completed).isGreaterThan(1.5 * lockedAmd.completed);
  }

  /** CPUs that do not meet in a queue do not fight for its cache lines; the unit stays one. */
  @Test
  void withAQueueForEachCpuAnSmmuDoesNotFallAfterItsSaturation() {
    IommuSpec cmdqv = new SmmuSpec(64, 8, 10, 0, 0, 64, 0, TestHosts.SMMU_COSTS);
    double few = run(cmdqv, 1).completed;
    double saturated = run(cmdqv, 16).completed;
    double many = run(cmdqv, 64).completed;

    assertThat(saturated).isGreaterThan(2 * few);
    assertThat(many).isGreaterThan(0.95 * saturated);
    assertThat(many).isGreaterThan(1.2 * run(SMMU, 64).completed);
  }

  @Test
  void aUnitInCachingModeIsToldOfNewMappings() {
    Figures plain = run(TestHosts.vtd(256, 18), 1);
    Figures caching = run(new VtdSpec(64, 8, 256, 18, 1, 1, TestHosts.VTD_COSTS), 1);

    assertThat(plain.completedAfterMap).isZero();
    assertThat(caching.completedAfterMap).isBetween(caching.maps - 2, caching.maps + 2);
    assertThat(caching.mapNs).isGreaterThan(plain.mapNs + 500);
  }

  /** A virtio-iommu waits for mappings too, so that it has as many syncs again. */
  @Test
  void aVirtioIommuIsWaitedForByMappingsToo() {
    double vtd = run(TestHosts.vtd(256, 18), 1).mapNs;
    double virtio = run(TestHosts.virtio(64), 1).mapNs;

    assertThat(virtio).isGreaterThan(5 * vtd);
  }

  /** How much longer an unmapping takes with 8 CPUs in the domain than with two. */
  private static double growth(IommuSpec unit) {
    return run(unit, 8).unmapNs / run(unit, 2).unmapNs;
  }

  private static Figures run(IommuSpec unit, int cpus) {
    Figures figures = new Figures();
    TestHosts host =
        TestHosts.nvme()
            .iommu(unit)
            .device(device())
            .load(new LoadSpec.ClosedLoop(2, 0))
            .clients(cpus)
            .end(300_000);
    BareLoop.unbatched(host.build(), new EventRecorder(figures::hear)).run();
    figures.finish();
    return figures;
  }

  /** Fast, so that CPUs do little but map and unmap. */
  private static DeviceSpec device() {
    DeviceSpec usual = TestHosts.nvme().build().devices().get(0);
    return new DeviceSpec(
        usual.name(),
        usual.domain(),
        usual.iommu(),
        usual.sacFirst(),
        usual.limitPfn(),
        usual.coherentLimitPfn(),
        500,
        50,
        1024,
        1_000_000_000_000L,
        0,
        0,
        usual.uplink());
  }

  /** Time from clearing entries to the units' answer, and of mapping calls. */
  private static final class Figures {
    private final Map<Long, Long> cleared = new HashMap<>();
    private final Map<Long, Long> callOf = new HashMap<>();
    private final Map<Long, Long> entered = new HashMap<>();
    private double completed;
    private double unmapNs;
    private double mapNs;
    private long maps;
    private long completedAfterMap;

    void hear(Event event) {
      if (event instanceof Event.CallEntered e) {
        entered.put(e.call(), e.t());
      } else if (event instanceof Event.Mapped e) {
        mapNs += e.t() - entered.get(e.call());
        maps++;
      } else if (event instanceof Event.PtesCleared e) {
        cleared.put(e.call(), e.t());
      } else if (event instanceof Event.InvalidationPosted e) {
        callOf.put(e.ticket(), e.call());
      } else if (event instanceof Event.InvalidationCompleted e) {
        if (!cleared.containsKey(callOf.get(e.ticket()))) {
          completedAfterMap++;
          return;
        }
        unmapNs += e.t() - cleared.get(callOf.get(e.ticket()));
        completed++;
      }
    }

    void finish() {
      unmapNs /= completed;
      mapNs /= maps;
    }
  }
}
