package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepCommandTest {
  private static final String[] PLAN = {
    "nvme-4k", "--duration", "300us", "--vary", "iommu.mode=strict,lazy", "--vary", "clients=1..2"
  };

  @TempDir Path folder;

  private Ran sweep(String name, String... more) {
    List<String> all = new ArrayList<>(List.of("sweep"));
    all.addAll(List.of(PLAN));
    all.addAll(List.of("--out", folder.resolve(name).toString()));
    all.addAll(List.of(more));
    return mapstorm(all.toArray(String[]::new));
  }

  private static double mean(JsonNode variant, String figure) {
    for (JsonNode each : variant.get("figures")) {
      if (each.get("figure").asText().equals(figure)) {
        return each.get("estimate").get("mean").asDouble();
      }
    }
    throw new AssertionError("no " + figure);
  }

  @Test
  void figuresAreThoseOfRuns() {
    JsonNode json = sweep("a", "--seeds", "1", "--seed", "5", "--json").json();
    assertThat(json.get("complete").asBoolean()).isTrue();
    assertThat(json.get("variants")).hasSize(4);
    JsonNode last = json.get("variants").get(3);
    assertThat(last.get("settings").toString())
        .isEqualTo("{\"iommu.mode\":\"lazy\",\"clients\":\"2\"}");
    for (String seed : List.of("5", "6")) {
      Ran run =
          mapstorm(
              "run",
              "nvme-4k",
              "--duration",
              "300us",
              "--set",
              "iommu.mode=lazy",
              "--set",
              "clients=2",
              "--seed",
              seed,
              "--out",
              folder.resolve("run" + seed).toString());
      assertThat(run.code()).as(run.err()).isZero();
    }
    JsonNode compared =
        mapstorm(
                "compare",
                folder.resolve("run5").toString(),
                folder.resolve("run6").toString(),
                "--json")
            .json();
    int held = 0;
    for (JsonNode row : compared.get("figures")) {
      if (!row.get("values").get(0).isNull()) {
        assertThat(mean(last, row.get("figure").asText()))
            .as(row.get("figure").asText())
            .isEqualTo(row.get("values").get(0).asDouble());
        held++;
      }
    }
    assertThat(held).isGreaterThan(20);
  }

  @Test
  void lanesChangeNothing() {
    String one = sweep("one", "--seeds", "2", "--lanes", "1", "--csv").out();
    assertThat(sweep("three", "--seeds", "2", "--lanes", "3", "--csv").out()).isEqualTo(one);
    assertThat(one.lines()).hasSize(1 + 4 * 2);
    assertThat(one.lines().findFirst().orElseThrow())
        .startsWith("iommu.mode,clients,seed,requests done,");
  }

  @Test
  void whatAKillLeftIsContinued() throws IOException {
    String whole = sweep("whole", "--seeds", "2", "--json").out();
    Path file = folder.resolve("whole").resolve("sweep.jsonl");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + 8);
    String half = lines.get(4).substring(0, lines.get(4).length() / 2);
    Files.writeString(file, String.join("\n", lines.subList(0, 4)) + "\n" + half);

    Ran resumed = mapstorm("sweep", "--resume", folder.resolve("whole").toString(), "--json");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).isEqualTo(whole);
    assertThat(Files.readAllLines(file)).hasSize(1 + 8).containsAll(lines.subList(0, 4));
  }

  @Test
  void aDamagedSweepIsRefusedWithItsLine() throws IOException {
    sweep("damaged", "--seeds", "1");
    Path file = folder.resolve("damaged").resolve("sweep.jsonl");
    Files.writeString(file, Files.readString(file).replace("\"run\":1,", "\"run\":99,"));
    Ran resumed = mapstorm("sweep", "--resume", folder.resolve("damaged").toString());
    assertThat(resumed.code()).isEqualTo(1);
    assertThat(resumed.err()).containsPattern("sweep.jsonl:\\d is damaged: it is of no run");
  }

  @Test
  void aScenarioThatChangedIsNotContinued() throws IOException {
    Path scenario = folder.resolve("mine.conf");
    Files.writeString(
        scenario, "include classpath(\"scenarios/nvme-4k.conf\")\nduration = 100us\n");
    Path out = folder.resolve("mine");
    Ran begun =
        mapstorm("sweep", scenario.toString(), "--vary", "clients=1,2", "--out", out.toString());
    assertThat(begun.code()).as(begun.err()).isZero();
    Files.writeString(
        scenario, "include classpath(\"scenarios/nvme-4k.conf\")\nduration = 200us\n");
    Ran resumed = mapstorm("sweep", "--resume", out.toString());
    assertThat(resumed.code()).isEqualTo(2);
    assertThat(resumed.err()).contains("the scenario is not what it was");
  }

  @Test
  void oneProcessAtATimeHasIt() throws IOException {
    sweep("busy", "--seeds", "1");
    Path file = folder.resolve("busy").resolve("sweep.jsonl");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      Ran resumed = mapstorm("sweep", "--resume", folder.resolve("busy").toString());
      assertThat(resumed.code()).isEqualTo(1);
      assertThat(resumed.err()).contains("another process runs this sweep");
    }
    assertThat(sweep("busy", "--seeds", "1").err()).contains("holds a sweep: continue it");
  }

  @Test
  void theTableShowsMeansWithTheirMargins() {
    Ran ran = sweep("table", "--figure", "latency p50", "--figure", "IOTLB hits");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out().lines()).hasSize(5);
    assertThat(ran.out().lines().findFirst().orElseThrow())
        .matches("\\s+iommu.mode\\s+clients\\s+latency p50\\s+IOTLB hits");
    assertThat(ran.out()).containsPattern("strict\\s+1\\s+[\\d.]+ us ±[\\d<.]+%");
  }

  @Test
  void jmhReadersUnderstandIt() {
    JsonNode json = sweep("jmh", "--seeds", "2", "--jmh").json();
    JsonNode first = json.get(0);
    assertThat(first.get("benchmark").asText()).isEqualTo("mapstorm.nvme-4k.requests_done");
    assertThat(first.get("mode").asText()).isEqualTo("thrpt");
    assertThat(first.get("params").get("clients").asText()).isEqualTo("1");
    assertThat(first.get("primaryMetric").get("rawData")).hasSize(2);
    assertThat(first.get("primaryMetric").get("scoreConfidence")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sweep|sweep what?",
        "sweep nvme-4k|vary what?",
        "sweep nvme-4k --vary clients|--vary clients: must be KEY=",
        "sweep nvme-4k --vary klients=1|klients: there is no such key",
        "sweep nvme-4k --vary clients=1,99999|clients: must be 1 to 16384, is 99999",
        "sweep nvme-4k --vary clients=1 --vary clients=2|a key is varied twice",
        "sweep nvme-4k --vary seed=1,2|--vary seed: every variant has its seeds",
        "sweep nvme-4k --vary duration=1us..1ms+100ns --seeds 1000|a sweep has at most 100000 runs",
        "sweep nvme-4k --vary clients=1 --seeds 0|--seeds 0: must be 1 to 1000",
        "sweep nvme-4k --vary clients=1 --json --csv|mutually exclusive",
        "sweep nvme-4k --resume nowhere|give nothing else",
      })
  void wrongUseIsRefusedBeforeAnythingRuns(String line, String message) {
    Ran ran = mapstorm(line.split(" "));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains(message).hasLineCount(1);
  }

  @Test
  void whatIsNoSweepIsSaidToBeNone() {
    Ran ran = mapstorm("sweep", "--resume", folder.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("holds no sweep: there is no sweep.jsonl");
  }

  /** 128 KiB of scattered pages are 32 vectors; the key is given by the end of its name. */
  @Test
  void aBatchTakesAsManyVectorsAsItMay() {
    JsonNode json =
        mapstorm(
                "sweep",
                "nvme-batch",
                "--duration",
                "4ms",
                "--seeds",
                "1",
                "--vary",
                "batch.vectors=8..64",
                "--out",
                folder.resolve("vectors").toString(),
                "--json")
            .json();

    assertThat(json.get("variants")).hasSize(4);
    assertThat(mean(json.get("variants").get(0), "IOVAs allocated per request")).isEqualTo(4);
    assertThat(mean(json.get("variants").get(1), "IOVAs allocated per request")).isEqualTo(2);
    assertThat(mean(json.get("variants").get(2), "IOVAs allocated per request")).isEqualTo(1);
    assertThat(mean(json.get("variants").get(3), "IOVAs allocated per request")).isEqualTo(1);
  }
}
