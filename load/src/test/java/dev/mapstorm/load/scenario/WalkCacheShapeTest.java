package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import org.junit.jupiter.api.Test;

/**
 * Reads of page tables for each page that a NIC receives, strict, as "Fast and Safe IO Memory
 * Protection" (SOSP 2024) has them: more with more flows, since walk caches are flushed with every
 * page; one where they are kept.
 */
class WalkCacheShapeTest {
  @Hears(EventKind.TRANSLATED)
  private static final class Reads extends PartialSink {
    private long pages;
    private long reads;

    @Override
    public void translated(
        long t,
        int device,
        int iommu,
        int client,
        long op,
        long of,
        long hits,
        long read,
        long stallNs) {
      pages += of;
      reads += read;
    }
  }

  private static double readsOfAPage(int flows, int entries, int kept) {
    ScenarioLoader loader =
        new ScenarioLoader("walks")
            .set("--duration", "duration", "3ms")
            .set("--set", "clients", String.valueOf(flows))
            .set("--set", "costs.walk-cache", String.valueOf(entries))
            .set("--set", "costs.walk-cache-kept", String.valueOf(kept));
    Reads reads = new Reads();
    for (HostSpec host : loader.load("nic-rx").hosts()) {
      new BareLoop(host, words -> words.forEach(reads)).run();
    }
    assertThat(reads.pages).isGreaterThan(1000);
    return (double) reads.reads / reads.pages;
  }

  @Test
  void flushedCachesCostMoreReadsThanKeptOnes() {
    double constant = readsOfAPage(5, 0, 0);
    double flushed = readsOfAPage(5, 64, 0);
    double kept = readsOfAPage(5, 64, 1);
    assertThat(constant).isEqualTo(1);
    assertThat(kept).isBetween(1.0, 1.1);
    assertThat(flushed).isGreaterThan(kept * 1.3);
  }

  @Test
  void keptCachesHelpManyFlowsToo() {
    assertThat(readsOfAPage(20, 64, 0)).isGreaterThan(readsOfAPage(20, 64, 1) * 1.3);
  }
}
