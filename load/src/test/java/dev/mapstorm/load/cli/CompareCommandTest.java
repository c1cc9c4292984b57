package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
  @TempDir static Path folder;

  private static JsonNode strict;
  private static JsonNode lazy;

  @BeforeAll
  static void runOnce() {
    strict = run("strict", "iommu.mode=strict", "1");
    lazy = run("lazy", "iommu.mode=lazy", "1");
    run("seed", "iommu.mode=strict", "2");
  }

  private static JsonNode run(String name, String set, String seed) {
    Ran ran =
        mapstorm(
            "run",
            "nvme-4k",
            "--duration",
            "2ms",
            "--set",
            set,
            "--seed",
            seed,
            "--json",
            "--out",
            path(name));
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran.json();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static JsonNode row(JsonNode json, String figure) {
    for (JsonNode row : json.get("figures")) {
      if (row.get("figure").asText().equals(figure)) {
        return row;
      }
    }
    throw new AssertionError("no " + figure + " in " + json.get("figures"));
  }

  @Test
  void figuresAreThoseOfTheReportsWithTheirChange() {
    JsonNode json = mapstorm("compare", path("strict"), path("lazy"), "--json").json();

    JsonNode p99 = row(json, "latency p99");
    double before = strict.at("/analysis/total/latency/p99").asDouble();
    double after = lazy.at("/analysis/total/latency/p99").asDouble();
    assertThat(p99.at("/values/0").asDouble()).isEqualTo(before);
    assertThat(p99.at("/values/1").asDouble()).isEqualTo(after);
    assertThat(p99.at("/changes/1").asDouble())
        .isCloseTo(100 * (after - before) / before, within(1e-9));
    assertThat(row(json, "exposed after unmapping, lazy, mean").at("/values/0").isNull()).isTrue();
  }

  @Test
  void whatMattersMostComesFirst() {
    JsonNode figures =
        mapstorm("compare", path("strict"), path("lazy"), "--json").json().get("figures");

    assertThat(figures.get(0).get("figure").asText()).isEqualTo("CPU time per request");
    double last = Double.MAX_VALUE;
    for (JsonNode row : figures) {
      assertThat(row.get("rank").asDouble()).isLessThanOrEqualTo(last);
      last = row.get("rank").asDouble();
    }
  }

  @Test
  void theScenarioKeysThatDifferAreNamed() {
    Ran text = mapstorm("compare", path("strict"), path("lazy"));

    assertThat(text.code()).isZero();
    assertThat(text.out())
        .contains("were asked the same requests", "  iommu.mode    strict", "--all shows them");
  }

  @Test
  void otherRequestsAreTold() {
    Ran text = mapstorm("compare", path("strict"), path("seed"), path("strict"));

    assertThat(text.out())
        .contains(path("seed") + " and " + path("strict") + " were asked other requests")
        .contains(path("strict") + " and " + path("strict") + " were asked the same requests\n");
  }

  @Test
  void aRunBesideItselfDoesNotDiffer() {
    Ran text = mapstorm("compare", path("strict"), path("strict"));
    Ran all = mapstorm("compare", path("strict"), path("strict"), "--all");

    assertThat(text.out()).contains("the scenarios are equal").doesNotContain("latency");
    assertThat(all.out()).contains("latency p99", "=");
  }

  @Test
  void oneRunCannotBeCompared() {
    assertThat(mapstorm("compare", path("strict")).code()).isEqualTo(2);
  }
}
