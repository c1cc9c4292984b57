package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

/** What becomes of thresholds on the command line and in scenarios. */
class ThresholdsTest {
  private static final double P99_US = 150;

  @TempDir static Path folder;

  private static Path strict;
  private static Path lazy;

  @BeforeAll
  static void runBoth() throws Exception {
    Path scenario = folder.resolve("gated.conf");
    Files.writeString(
        scenario,
        """
        include classpath("scenarios/nvme-4k.conf")
        duration = 1ms
        thresholds = [ "latency p99 < 1ns", "faults <= 0" ]
        """);
    strict = folder.resolve("strict");
    lazy = folder.resolve("lazy");
    assertThat(mapstorm("run", scenario.toString(), "--out", strict.toString()).code())
        .isEqualTo(99);
    assertThat(
            mapstorm(
                    "run",
                    "nvme-4k",
                    "--duration",
                    "1ms",
                    "--set",
                    "iommu.mode=lazy",
                    "--out",
                    lazy.toString())
                .code())
        .isZero();
  }

  @Test
  void verdictsComeFirstAndThoseOfTheScenarioStayWithTheRun() {
    Ran again = mapstorm("analyze", strict.toString());

    assertThat(again.code()).isEqualTo(99);
    assertThat(again.out()).startsWith("Thresholds: 1 of 2 MISSED\n");
    assertThat(again.out().lines().toList().get(2))
        .matches("  MISSED  latency p99 < 1ns +[0-9.]+ us  latency p99");
    assertThat(again.out().lines().toList().get(3)).contains("met     faults <= 0");
    assertThat(again.out()).contains("\nCPU time of the DMA API\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unmap.p99 <= 1s|0|true|unmap calls of page FROM_DEVICE, p99",
        "unmap p99.9 <= 1ns|99|false|unmap calls of page FROM_DEVICE, p99.9",
        "throughput > 1B/s|0|true|throughput",
        "requests done >= 1k|0|true|requests done",
        "IOTLB hits < 3us|99|false|IOTLB hits",
        "IOTLB hits <= 100%|0|true|IOTLB hits",
        "faults < 1|0|true|faults",
      })
  void eachUnitAndRelationIsHeldAgainstItsFigure(
      String threshold, int code, boolean met, String figure) {
    Ran ran = mapstorm("analyze", lazy.toString(), "--json", "--threshold", threshold);

    assertThat(ran.code()).isEqualTo(code);
    JsonNode verdict = ran.json().get("thresholds").get(0);
    assertThat(verdict.get("threshold").asText()).isEqualTo(threshold);
    assertThat(verdict.get("met").asBoolean()).isEqualTo(met);
    assertThat(verdict.get("figure").asText()).isEqualTo(figure);
  }

  @Test
  void aMisspeltFigureIsMissedAndNeverPasses() {
    Ran ran = mapstorm("analyze", lazy.toString(), "--threshold", "latncy p99 < 1s");

    assertThat(ran.code()).isEqualTo(99);
    assertThat(ran.out()).contains("no such figure was measured; did you mean latency p99?");
  }

  @Test
  void changesAreThoseAgainstTheFirstRun() {
    String[] both = {"compare", strict.toString(), lazy.toString(), "--threshold"};

    Ran cheaper = mapstorm(both[0], both[1], both[2], both[3], "unmap calls per request < -10%");
    Ran dearer = mapstorm(both[0], both[2], both[1], both[3], "unmap calls per request < +10%");

    assertThat(cheaper.code()).isZero();
    assertThat(cheaper.out()).startsWith("Thresholds: all 1 met\n");
    assertThat(dearer.code()).isEqualTo(99);
    assertThat(dearer.out()).contains("MISSED  unmap calls per request < +10%  " + strict);
  }

  @Test
  void ofAVariantTheMeanOverItsSeedsCounts() {
    Path kept = folder.resolve("sweep");
    Ran ran =
        mapstorm(
            "sweep",
            "nvme-4k",
            "--vary",
            "clients=1,4",
            "--seeds",
            "2",
            "--duration",
            "1ms",
            "--out",
            kept.toString(),
            "--json",
            "--threshold",
            "latency p99 < %.0fus".formatted(P99_US));

    JsonNode json = ran.json();
    boolean anyMissed = false;
    for (int variant = 0; variant < 2; variant++) {
      double mean = Double.NaN;
      for (JsonNode figure : json.get("variants").get(variant).get("figures")) {
        if (figure.get("figure").asText().equals("latency p99")) {
          mean = figure.get("estimate").get("mean").asDouble();
        }
      }
      JsonNode verdict = json.get("thresholds").get(variant);
      assertThat(verdict.get("of").asText()).isEqualTo("clients=" + (variant == 0 ? 1 : 4));
      assertThat(verdict.get("value").asDouble()).isEqualTo(mean);
      assertThat(verdict.get("met").asBoolean()).isEqualTo(mean < P99_US * 1000);
      anyMissed |= !verdict.get("met").asBoolean();
    }
    assertThat(ran.code()).isEqualTo(anyMissed ? 99 : 0);
  }

  @Test
  void verdictsAreWrittenAsJunitWritesThem() throws Exception {
    Path xml = folder.resolve("gate.xml");
    mapstorm(
        "analyze",
        strict.toString(),
        "--threshold",
        "requests done > 0",
        "--junit-xml",
        xml.toString());

    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(xml.toFile())
            .getDocumentElement();
    assertThat(suite.getAttribute("tests")).isEqualTo("3");
    assertThat(suite.getAttribute("failures")).isEqualTo("1");
    assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(1);
    assertThat(((Element) suite.getElementsByTagName("testcase").item(0)).getAttribute("name"))
        .isEqualTo("latency p99 < 1ns (latency p99)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "latency p99|must be a figure, < <= > or >=, and a limit",
        "latency p99 < 20 parsecs|\"20 parsecs\" is no limit; must be a time with a unit",
        "latency p99 < +5%|a change needs a run to compare with: only compare has one",
        "< 5us|must be a figure",
      })
  void whatIsNoThresholdIsRefusedBeforeAnythingRuns(String threshold, String why) {
    Path out = folder.resolve("never");
    Ran ran = mapstorm("run", "nvme-4k", "--threshold", threshold, "--out", out.toString());

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith("mapstorm: --threshold " + threshold).contains(why);
    assertThat(ran.err().lines()).hasSize(1);
    assertThat(out).doesNotExist();
  }
}
