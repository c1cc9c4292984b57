package dev.mapstorm.load.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.analysis.RunFigure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The curves of docs/BATCH.md, as ratios of figures in virtual time. */
class BatchCurvesTest {
  private static final String CPU = "CPU time per request";
  private static final String UNMAP = "unmap calls per request";
  private static final String RATE = "requests done";
  private static final String RANGES = "page-selective invalidations per request";
  private static final String LISTS = "bytes of lists per request";
  private static final String WALK = "tree nodes walked by a search, mean";

  /** Figures of a run by their names. */
  private static Map<String, Double> run(String scenario, String... sets) {
    ScenarioLoader loader = new ScenarioLoader("1");
    for (String set : sets) {
      loader.set(set);
    }
    Map<String, Double> figures = new HashMap<>();
    for (RunFigure each : VariantRun.execute(0, loader.load(scenario), () -> false).figures()) {
      figures.put(each.name(), each.value());
    }
    return figures;
  }

  private static Map<String, Double> nvme(String api, String... sets) {
    String[] all = new String[sets.length + 2];
    System.arraycopy(sets, 0, all, 0, sets.length);
    all[sets.length] = "client.api=" + api;
    all[sets.length + 1] = "duration=3ms";
    return run("nvme-page", all);
  }

  @Test
  void aBatchPaysByItsInvalidationsInStrictMode() {
    Map<String, Double> page = nvme("page");
    Map<String, Double> batch = nvme("batch");

    assertThat(page.get(RANGES)).isEqualTo(32 * batch.get(RANGES));
    assertThat(page.get(CPU)).isGreaterThan(10 * batch.get(CPU));
    assertThat(batch.get(RATE)).isGreaterThan(1.5 * page.get(RATE));
  }

  @Test
  void itPaysLessInLazyModeAndNothingOnADirectMap() {
    double lazy =
        nvme("page", "iommu.mode=lazy").get(CPU) / nvme("batch", "iommu.mode=lazy").get(CPU);

    assertThat(lazy).isBetween(2.0, 8.0);
    assertThat(nvme("batch", "iommu.mode=passthrough").get(CPU))
        .isEqualTo(nvme("page", "iommu.mode=passthrough").get(CPU));
  }

  @Test
  void aRequestOfOnePagePaysForItsBatch() {
    double page = nvme("page", "client.bs=4KiB").get(CPU);
    double batch = nvme("batch", "client.bs=4KiB").get(CPU);

    assertThat(batch / page).isBetween(0.99, 1.1);
  }

  /** A scatterlist has one range of IOVA as well: what is left is its memory. */
  @Test
  void againstAScatterlistABatchSavesLittleTimeAndALotOfLists() {
    Map<String, Double> sg = run("rdma-mr", "duration=3ms", "client.api=sg");
    Map<String, Double> batch = run("rdma-mr", "duration=3ms", "client.api=batch");
    Map<String, Double> iova = run("rdma-mr", "duration=3ms", "client.api=iova");

    assertThat(batch.get(CPU) / sg.get(CPU)).isBetween(0.8, 1.0);
    assertThat(iova.get(CPU)).isLessThan(batch.get(CPU));
    assertThat(batch.get(RANGES)).isEqualTo(sg.get(RANGES));
    assertThat(batch.get(LISTS)).isLessThan(0.65 * sg.get(LISTS));
  }

  @Test
  void anSmmusQueueFallsFasterThanOneByN() {
    double at16 = run("smmu-unmap", "duration=1ms", "clients=16").get(RATE);
    double at64 = run("smmu-unmap", "duration=1ms", "clients=64").get(RATE);

    assertThat(at64).isLessThan(0.85 * at16);
  }

  /** The loop of smmu-unmap, elsewhere: from two CPUs to eight. */
  @Test
  void aStrictUnmapGrowsWithCpusWhereTheDomainsLockIsHeldAcrossTheWait() {
    assertThat(growth("xeon-skylake-vtd")).isGreaterThan(4);
    assertThat(growth("epyc-amdvi")).isGreaterThan(4);
    assertThat(growth("kunpeng920-smmuv3")).isLessThan(2.2);
  }

  private static double growth(String platform) {
    String on = "platform=" + platform;
    return run("smmu-unmap", on, "costs.walk-read=0ns", "duration=1ms", "clients=8").get(UNMAP)
        / run("smmu-unmap", on, "costs.walk-read=0ns", "duration=1ms", "clients=2").get(UNMAP);
  }

  @Test
  void aListUnderRcuGivesAmdsUnmapsBack() {
    String[] held = {"platform=epyc-amdvi", "duration=1ms", "clients=16"};
    String[] rcu = {"platform=epyc-amdvi", "duration=1ms", "clients=16", "unit.domain-lock=0"};

    assertThat(run("smmu-unmap", rcu).get(UNMAP))
        .isLessThan(0.4 * run("smmu-unmap", held).get(UNMAP));
  }

  /** Ranges freed by another CPU than the one that allocates go through the depot. */
  @Test
  void aLimitedDepotMakesSearchesLongerWithTime() {
    assertThat(depot("32", "200ms").get(WALK) / depot("32", "20ms").get(WALK)).isGreaterThan(1.3);
    assertThat(depot("unbounded", "200ms").get(WALK) / depot("unbounded", "20ms").get(WALK))
        .isLessThan(1.2);
    assertThat(depot("unbounded", "200ms").get(CPU))
        .isLessThan(0.8 * depot("32", "200ms").get(CPU));
    assertThat(depot("32", "200ms").get(CPU)).isLessThan(0.7 * depot("none", "200ms").get(CPU));
  }

  private static Map<String, Double> depot(String limit, String duration) {
    return run(
        "nvme-4k-lazy",
        "iommu.iova.depot-limit=" + limit,
        "iommu.iova.magazine-size=16",
        "client.completion-cpu=own",
        "client.rate=30k",
        "client.depth=4096",
        "duration=" + duration);
  }

  @Test
  void bouncesCostByTheByteAndABatchOfThemSavesSearchesOnly() {
    Map<String, Double> small = bounced("sg", "4KiB");
    Map<String, Double> large = bounced("sg", "128KiB");
    Map<String, Double> batch = bounced("batch", "128KiB");

    assertThat(large.get(CPU)).isBetween(25 * small.get(CPU), 35 * small.get(CPU));
    assertThat(large.get("bounces asked for")).isGreaterThan(10 * batch.get("bounces asked for"));
    assertThat(batch.get(CPU) / large.get(CPU)).isBetween(0.85, 0.99);
  }

  private static Map<String, Double> bounced(String api, String bytes) {
    return run("swiotlb-guest", "client.api=" + api, "client.bs=" + bytes, "duration=5ms");
  }

  /** A window below 1 GiB has one small pool, a larger one four. */
  @Test
  void poolsHelpPowerpcTheMoreCpusThereAre() {
    String wait = "L12 pool->lock waits per request";
    double one =
        run("power-lpar", "duration=3ms", "clients=8", "iommu.window.size=512MiB").get(wait);
    double four = run("power-lpar", "duration=3ms", "clients=8").get(wait);

    assertThat(one).isGreaterThan(5 * four);
  }

  /** F&S: 64 pages of one range of IOVA, mapped and invalidated together, in strict mode. */
  @Test
  void aReceiveRingOfContiguousDescriptorsGetsBackWhatStrictLost() {
    String[] ring = {
      "client.map=once",
      "client.buffers=6",
      "client.buffer-size=256KiB",
      "client.buffer-rounds=1",
      "client.sync=false",
      "duration=3ms"
    };
    String[] contiguous = Arrays.copyOf(ring, ring.length + 1);
    contiguous[ring.length] = "client.api=iova";
    double apart = run("nic-rx", ring).get(RATE);
    double together = run("nic-rx", contiguous).get(RATE);
    double none = run("nic-rx", "iommu.mode=passthrough", "duration=3ms").get(RATE);

    assertThat(together).isGreaterThan(2.5 * apart);
    assertThat(together).isGreaterThan(0.9 * none);
  }

  /** Kept walk caches save the device's reads, and alone nothing of what the CPUs wait for. */
  @Test
  void keptWalkCachesAloneDoNotGetBackWhatStrictLost() {
    String reads = "page-table reads of devices per request";
    String[] flushed = {"costs.walk-cache=64", "duration=3ms"};
    String[] kept = {"costs.walk-cache=64", "costs.walk-cache-kept=1", "duration=3ms"};
    Map<String, Double> linux = run("nic-rx", flushed);
    Map<String, Double> alone = run("nic-rx", kept);

    assertThat(linux.get(reads)).isGreaterThan(2);
    assertThat(alone.get(reads)).isLessThan(1.1);
    assertThat(alone.get(RATE)).isLessThan(1.2 * linux.get(RATE));
  }

  /**
   * F&S with a device that is the bottleneck: ten queues, and no lock around the wait, which Linux
   * 6.0 did not have. One batched invalidation of pages that lie apart is a flush queue by ranges.
   */
  @Test
  void theThreeMeasuresTogetherGetBackWhatNoneOfThemDoesAlone() {
    String[] apart = {"client.api=page"};
    String[] kept = {"client.api=page", "costs.walk-cache-kept=1"};
    String[] batched = {
      "client.api=page",
      "iommu.mode=lazy",
      "iommu.flush-queue.flush=ranges",
      "iommu.flush-queue.entries=64"
    };
    String[] all = {"client.api=iova", "costs.walk-cache-kept=1"};
    double strict = ring(apart);
    double lost = ring("client.api=iova", "iommu.mode=lazy", "costs.walk-cache-kept=1") - strict;

    assertThat(lost).as("more than half of what strict has").isGreaterThan(0.5 * strict);
    assertThat((ring(kept) - strict) / lost).as("walk caches alone").isBetween(0.2, 0.6);
    assertThat((ring(batched) - strict) / lost).as("batches alone").isBetween(0.2, 0.65);
    assertThat((ring(all) - strict) / lost).as("together").isGreaterThan(0.95);
  }

  private static double ring(String... sets) {
    String[] ring = {
      "clients=10",
      "unit.cache-lock=0",
      "costs.walk-cache=64",
      "client.map=once",
      "client.buffers=6",
      "client.buffer-size=256KiB",
      "client.buffer-rounds=1",
      "client.sync=false",
      "duration=8ms"
    };
    String[] joined = Arrays.copyOf(ring, ring.length + sets.length);
    System.arraycopy(sets, 0, joined, ring.length, sets.length);
    return run("nic-rx", joined).get(RATE);
  }

  @Test
  void whatIsMappedOnceCostsNothingInAnyMode() {
    Map<String, Double> strict = run("optane", "duration=2ms");
    Map<String, Double> kept =
        run("optane", "duration=2ms", "client.map=once", "client.buffers=128");
    Map<String, Double> none = run("optane", "duration=2ms", "iommu.mode=passthrough");

    assertThat(none.get(RATE)).isGreaterThan(6 * strict.get(RATE));
    assertThat(kept.get(RATE) / none.get(RATE)).isBetween(0.95, 1.05);
  }
}
