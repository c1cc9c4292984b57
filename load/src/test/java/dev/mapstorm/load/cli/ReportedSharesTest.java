package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that end with much in hand: shares of the CPU time and means are of what they name. */
class ReportedSharesTest {
  @TempDir Path folder;

  private Ran run(String... words) {
    Ran ran =
        mapstorm(
            Stream.concat(Stream.of(words), Stream.of("--out", folder.resolve("run").toString()))
                .toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    if (!List.of(words).contains("--json")) {
      Ran again = mapstorm("analyze", folder.resolve("run").toString());
      assertThat(callTime(again)).isNotEmpty().isEqualTo(callTime(ran));
    }
    return ran;
  }

  private String scenario(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name + ".conf"), text).toString();
  }

  /** The rows on the CPU time, with single spaces. */
  private static List<String> callTime(Ran ran) {
    return ran.out()
        .lines()
        .dropWhile(line -> !line.equals("CPU time of the DMA API"))
        .takeWhile(line -> !line.isEmpty())
        .map(line -> line.strip().replaceAll("\\s+", " "))
        .toList();
  }

  /** Of 74 requests that are mapped 10 are done: each mean is over those that it is about. */
  @Test
  void callsAreSharedOutOverRequestsThatHaveBeenThroughThem() throws IOException {
    Ran ran =
        run(
            "run",
            scenario(
                "per-request",
                """
                duration = 3ms
                cpus = 2
                clients = 2
                client { api = sg, depth = 32, bs = 128KiB, segment = 4KiB, rate = closed }
                device { latency = 500us, jitter = 0ns, parallel = 2 }
                """));

    assertThat(callTime(ran))
        .contains(
            "map calls 485 us 97.4 % 6.55 us 205 ns", "unmap calls 13.0 us 2.6 % 1.30 us 40.5 ns");
  }

  /** A call that has not returned counts neither with its time nor with what it waited for. */
  @Test
  void waitsCountWithTheirCalls() throws IOException {
    Ran ran =
        run(
            "run",
            scenario(
                "slow-sync",
                """
                include classpath("scenarios/nvme-4k.conf")
                duration = 6ms
                costs.invalidate-wait = 1.5ms
                """));

    List<String> rows = callTime(ran);
    int unmap = rows.indexOf("unmap calls 9.00 ms 98.1 % 3.00 ms 3.00 ms");
    assertThat(rows.subList(unmap + 1, unmap + 4))
        .containsExactly(
            "waiting for locks 4.50 ms 49.0 % 1.50 ms 1.50 ms",
            "waiting for the unit 4.50 ms 49.1 % 1.50 ms 1.50 ms",
            "not counted: 4.50 ms of waiting for locks, in calls that failed or had not returned");
  }

  /** 300 CPUs queue for the tree at once; the run ends when some 40 have had it. */
  @Test
  void noWaitReachesBeyondTheRun() {
    Ran ran =
        run(
            "run",
            "nvme-4k",
            "--set",
            "clients=300",
            "--set",
            "iommu.iova.max-cached-order=-1",
            "--duration",
            "10us",
            "--json");

    JsonNode analysis = ran.json().get("analysis");
    long span = analysis.at("/run/spanNs").asLong();
    JsonNode map = analysis.at("/cpuTime/map");
    assertThat(map.get("requests").asLong()).isBetween(20L, 60L);
    assertThat(map.at("/total/lockWaitNs").asLong())
        .isBetween(map.at("/total/ns").asLong() / 2, map.at("/total/ns").asLong());
    JsonNode tree = analysis.at("/locks/0/use");
    assertThat(tree.get("heldNs").asLong()).isLessThanOrEqualTo(span);
    assertThat(tree.at("/worst/waitNs").asLong()).isLessThanOrEqualTo(span);
    assertThat(tree.get("waitsNs").asLong()).isLessThanOrEqualTo(300 * span);
    assertThat(tree.get("acquisitions").asLong()).isLessThan(60);
  }

  /** Mappings that are never taken back cost their mapping, and no mean says more. */
  @Test
  void mappingsThatOutliveTheRunAreMapped() throws IOException {
    StringBuilder trace = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      trace.append(
          "task-7 [000] ..... 1.%06d: dma_map_page: 0000:00:03.0 dir=BIDIRECTIONAL dma_addr=%x size=4096 phys_addr=%x attrs=\n"
              .formatted(i * 10, 0xfffff000L - i * 4096L, 0x10000000L + i * 8192L));
    }
    Path file = Files.writeString(folder.resolve("trace.txt"), trace.toString());

    Ran ran = run("run", "--trace", file.toString(), "--set", "iommu.mode=strict", "--json");

    JsonNode total = ran.json().at("/analysis/total");
    assertThat(total.get("requested").asLong()).isEqualTo(20);
    assertThat(total.get("done").asLong()).isZero();
    assertThat(total.get("requestsMapped").asLong()).isEqualTo(20);
    assertThat(total.get("requestsMappedNs").asLong()).isEqualTo(total.get("mapCallNs").asLong());
    assertThat(total.get("requestsUnmapped").asLong()).isZero();
  }
}
