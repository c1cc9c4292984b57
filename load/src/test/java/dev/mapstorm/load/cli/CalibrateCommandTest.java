package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
  private static final String DMAR = "   inv_iotlb  0  286  123  0  0  0  0  0  1  0\n";
  private static final String KUNPENG =
      "src/test/resources/dev/mapstorm/load/kunpeng920-dma-map-benchmark.txt";

  @TempDir Path folder;

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static String fio(String mode, int iops) {
    return """
    # mode %s
    {
      "fio version" : "fio-3.36",
      "jobs" : [ { "read" : { "iops" : %d }, "usr_cpu" : 10, "sys_cpu" : 89.9 } ]
    }
    """
        .formatted(mode, iops);
  }

  /** 100 + 250 + 40 + 610 are 1000 in the profile; the histogram says 890. */
  @Test
  void aHistogramDecidesTheWaitOfAnInvalidation() throws IOException {
    Path out = folder.resolve("mine.conf");
    Ran ran =
        mapstorm(
            "calibrate",
            file("dmar.txt", DMAR),
            "--base",
            "xeon-skylake-vtd",
            "--out",
            out.toString(),
            "--json");

    assertThat(ran.code()).as(ran.err()).isZero();
    JsonNode wait = ran.json().get("figures").get(0);
    assertThat(wait.get("key").asText()).isEqualTo("wait-latency");
    assertThat(wait.get("value").asDouble()).isBetween(480.0, 520.0);
    assertThat(wait.get("low").asDouble()).isLessThan(450);
    Ran shown = mapstorm("platforms", out.toString(), "--key", "wait-latency");
    assertThat(shown.out()).contains("derived", "dmar_perf_latency, inv_iotlb, 409 samples");
  }

  @Test
  void twoInstrumentsThatAgreeAreBothTold() throws IOException {
    Ran ran =
        mapstorm(
            "calibrate",
            file("dmar.txt", DMAR),
            file("fio.txt", fio("strict", 620_000) + fio("lazy", 1_400_000)),
            "--base",
            "xeon-skylake-vtd");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("wait-latency")
        .contains(
            "compared: fio.txt line 2, fio, 1611 and 714 ns a request: strict less lazy takes");
  }

  @Test
  void twoThatContradictEachOtherAreRefusedAndNamed() throws IOException {
    Ran ran =
        mapstorm(
            "calibrate",
            file("dmar.txt", DMAR),
            file("fio.txt", fio("strict", 200_000) + fio("lazy", 1_400_000)),
            "--base",
            "xeon-skylake-vtd");

    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ran.err())
        .contains("fio.txt line 2, fio,", "dmar_perf_latency", "are they of one machine?");
  }

  @Test
  void withoutTheBenchmarkTheBaseMustBeNamed() throws IOException {
    Ran ran = mapstorm("calibrate", file("dmar.txt", DMAR));

    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("--base NAME is needed");
  }

  @Test
  void aFileOfNothingIsNamed() throws IOException {
    Ran ran = mapstorm("calibrate", KUNPENG, file("notes.txt", "hello\n"));

    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ran.err()).contains("notes.txt: nothing in it is known");
  }

  @Test
  void theScriptIsPrinted() {
    Ran ran = mapstorm("calibrate", "--print");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .startsWith("#!/bin/sh\n")
        .contains(
            "dmar_perf_latency", "function_graph", "bpftrace", "perf stat", "fio ", "-t 1 -g");
    assertThat(ran.out().lines().count()).isLessThan(90);
  }
}
