package dev.mapstorm.load.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class SensitivityRunsTest {
  private static final int STEPS = 2000;

  private static PricedHost host(String scenario, String... set) {
    ScenarioLoader loader = new ScenarioLoader("test");
    List.of(set).forEach(loader::set);
    return PricedHost.of(loader.load(scenario));
  }

  private static Sensitivity sensitivity(PricedHost host) {
    return new SensitivityRuns(host, () -> false).run(STEPS, part -> {});
  }

  private static Headline headline(Sensitivity of, String name) {
    return of.headlines().stream().filter(each -> each.of().equals(name)).findFirst().orElseThrow();
  }

  private static Influence influence(Headline of, String key) {
    return of.hangsOn().stream()
        .filter(each -> each.key().equals("costs." + key))
        .findFirst()
        .orElseThrow();
  }

  /** A map of 256 pages: 256 entries at 2.7 ns, which are 1.8 at least and 4 at most. */
  @Test
  void aMapIsMovedByWhatItsEntriesMayCost() {
    Sensitivity found =
        sensitivity(
            host(
                "map-benchmark",
                "platform=xeon-skylake-vtd",
                "iommu.mode=strict",
                "clients=1",
                "client.bs=1MiB",
                "iommu.iova.max-cached-order=8"));
    Headline map = headline(found, "map call");
    Influence write = influence(map, "pte-write");

    assertThat(write.atLow()).isCloseTo(map.value() - 256 * 0.9, within(1.0));
    assertThat(write.atHigh()).isCloseTo(map.value() + 256 * 1.3, within(1.0));
    assertThat(map.hangsOn().get(0)).isEqualTo(write);
    assertThat(write.share()).isBetween(0.9, 1.0);
    assertThat(map.low()).isBetween(map.value() - 300, write.atLow());
    assertThat(map.high()).isBetween(write.atHigh(), map.value() + 400);
    assertThat(map.hangsOn()).extracting(Influence::key).doesNotContain("costs.wait-latency");
  }

  /** Costs of calls, of dma-iommu and of the unit are in records of their own. */
  @Test
  void figuresOfEachPartAreVaried() {
    Sensitivity found = sensitivity(host("nvme-4k"));

    assertThat(headline(found, "map call").hangsOn())
        .extracting(Influence::key)
        .contains("costs.pte-prepare", "costs.rcache-get");
    assertThat(headline(found, "unmap call").hangsOn())
        .extracting(Influence::key)
        .contains("costs.wait-latency", "costs.complete");
  }

  @Test
  void whatIsIndependentIsAddedBySquares() {
    Headline map = headline(sensitivity(host("nvme-4k")), "map call");
    double down = 0;
    for (Influence each : map.hangsOn()) {
      double moved = map.value() - Math.min(map.value(), Math.min(each.atLow(), each.atHigh()));
      down += moved * moved;
    }

    assertThat(map.hangsOn()).hasSizeGreaterThan(1);
    assertThat(map.value() - map.low()).isCloseTo(Math.sqrt(down), within(0.5));
    assertThat(map.hangsOn().stream().mapToDouble(Influence::share).sum())
        .isCloseTo(1, within(.01));
  }

  /** More walkers than there are walks change nothing, fewer do. */
  @Test
  void whatIsCountedIsTriedOnBothSides() {
    Headline requests = headline(sensitivity(host("nvme-batch")), "requests");

    assertThat(influence(requests, "walk-reads").atHigh()).isLessThan(requests.value());
    assertThat(influence(requests, "walkers").atLow()).isLessThan(requests.value());
  }

  @Test
  void theSameRunHangsOnTheSame() {
    assertThat(sensitivity(host("nvme-4k"))).isEqualTo(sensitivity(host("nvme-4k")));
  }

  @Test
  void aFigureThatTheScenarioSetsIsNotVaried() {
    Sensitivity found =
        sensitivity(host("nvme-4k", "costs.pte-prepare=160", "costs.unmap-prepare=137"));

    assertThat(headline(found, "map call").hangsOn())
        .isNotEmpty()
        .extracting(Influence::key)
        .doesNotContain("costs.pte-prepare");
  }

  @Test
  void aMixOfMachinesHasNoOnePlatform() {
    ScenarioLoader loader =
        new ScenarioLoader("test")
            .set("mix=[{name=a, clients=1}, {name=b, clients=2}]")
            .set("hosts=2");

    assertThatThrownBy(() -> PricedHost.of(loader.load("nvme-4k")))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("is a mix of machines");
  }

  @Test
  void itCanBeStopped() {
    assertThatThrownBy(
            () -> new SensitivityRuns(host("nvme-4k"), () -> true).run(STEPS, part -> {}))
        .isInstanceOf(CancellationException.class);
  }
}
