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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckCommandTest {
  private static final String MAP =
      "dma_map_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000 size=2048 phys_addr=10000"
          + " attrs=";

  @TempDir Path directory;

  /** A trace of these events, one a millisecond, by task app-7 on CPU 1. */
  private Path trace(String... events) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < events.length; i++) {
      text.append("  app-7  [001] .....    10.%03d000: %s%n".formatted(i, events[i]));
    }
    return Files.writeString(directory.resolve("t.trace"), text);
  }

  private Ran check(String... events) throws IOException {
    return mapstorm("check", "--trace", trace(events).toString());
  }

  @Test
  void aCleanTraceHasNothingWrong() throws IOException {
    Ran ran =
        check(
            MAP, "dma_unmap_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000 size=2048 attrs=");
    assertThat(ran.code()).isZero();
    assertThat(ran.lastLine()).endsWith("nothing wrong in 2 events");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unmap of another size | dma_unmap_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000"
            + " size=1024 attrs=",
        "unmap with another direction | dma_unmap_page: 0000:01:00.0 dir=TO_DEVICE"
            + " dma_addr=fffff000 size=2048 attrs=",
        "unmap of an error | dma_unmap_page: 0000:01:00.0 dir=TO_DEVICE dma_addr=ffffffffffffffff"
            + " size=2048 attrs=",
        "unmap by another function | dma_free: 0000:01:00.0 dma_addr=fffff000 size=2048"
            + " virt_addr=00000000abcd attrs=",
        "sync with another direction | dma_sync_single_for_device: 0000:01:00.0 dir=TO_DEVICE"
            + " dma_addr=fffff100 size=64",
        "overlapping mappings | dma_map_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=ffffe000"
            + " size=64 phys_addr=10040 attrs=",
        "two mappings in one granule | dma_map_page: 0000:01:00.0 dir=TO_DEVICE dma_addr=ffffe000"
            + " size=64 phys_addr=10900 attrs=",
      })
  void wrongUseIsALineWithWhoAndWhere(String rule, String event) throws IOException {
    Ran ran = check(MAP, event);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out().lines().findFirst().orElseThrow()).startsWith("line 2: " + rule + ": ");
    assertThat(ran.lastLine()).endsWith("1 finding in 2 events: 1 " + rule);
  }

  @Test
  void aSecondUnmapAndASyncAfterUnmapHaveTheirStory() throws IOException {
    String unmap =
        "dma_unmap_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000 size=2048 attrs=";
    Ran twice = check(MAP, unmap, unmap);
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.out())
        .contains("line 3: unmap of what is not mapped: ")
        .contains("mapped 2.00 ms earlier by app-7 on CPU 1 (line 1)")
        .contains("unmapped 1.00 ms earlier by app-7 on CPU 1 (line 2)");
    Ran sync =
        check(
            MAP,
            unmap,
            "dma_sync_single_for_cpu: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000 size=64");
    assertThat(sync.out()).contains("line 3: sync of what is not mapped: ");
  }

  @Test
  void aFaultAfterUnmapIsAnAccessAfterUnmap() throws IOException {
    Ran ran =
        check(
            MAP,
            "dma_unmap_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff000 size=2048 attrs=",
            "io_page_fault: IOMMU:drv 0000:01:00.0 iova=0x00000000fffff010 flags=0x0001");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("line 3: access after unmap: ").contains("write fault");
  }

  @Test
  void whatOutlivesItsKindIsALeak() throws IOException {
    String[] events = new String[2 * 200 + 1];
    events[0] = MAP;
    for (int i = 0; i < 200; i++) {
      String at = Integer.toHexString(0xff000000 + 4096 * i);
      events[1 + 2 * i] =
          "dma_map_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=%s size=2048 phys_addr=%x attrs="
              .formatted(at, 0x100000 + 4096 * i);
      events[2 + 2 * i] =
          "dma_unmap_page: 0000:01:00.0 dir=FROM_DEVICE dma_addr=%s size=2048 attrs=".formatted(at);
    }
    Ran ran = check(events);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("line 1: leak: 0000:01:00.0: [0xfffff000, 0xfffff800)");
    assertThat(ran.lastLine()).endsWith("1 finding in 401 events: 1 leak");
  }

  @Test
  void whatIsMappedAtTheEndIsALeakOnlyOfAWholeTrace() throws IOException {
    Ran part = check(MAP);
    assertThat(part.code()).isZero();
    assertThat(part.out()).contains("1 range is still mapped at the end: not judged");
    Ran whole = mapstorm("check", "--whole", "--trace", trace(MAP).toString());
    assertThat(whole.code()).isEqualTo(1);
    assertThat(whole.lastLine()).endsWith("1 leak");
  }

  /** What the device wrote into bounce slots, and never came to the buffer, was in order. */
  @ParameterizedTest
  @CsvSource({"100, false, 1", "0, false, 1", "100, true, 0", "0, true, 0"})
  void aBufferInBounceSlotsHasToBeSynced(int reads, boolean sync, int code) {
    String run = directory.resolve("bounced-" + reads + sync).toString();
    Ran ran =
        mapstorm(
            "run",
            "swiotlb-guest",
            "--out",
            run,
            "--duration",
            "1ms",
            "--set",
            "client.map=once",
            "--set",
            "client.buffers=8",
            "--set",
            "client.depth=4",
            "--set",
            "client.read-percent=" + reads,
            "--set",
            "client.sync=" + sync);
    assertThat(ran.code()).as(ran.err()).isZero();
    Ran check = mapstorm("check", run);
    assertThat(check.code()).isEqualTo(code);
    if (code == 1) {
      assertThat(check.lastLine()).contains("missing sync");
    }
  }

  @Test
  void aSyncForWhoHasThePartAlreadyIsNotNeeded() throws IOException {
    String part = " 0000:01:00.0 dir=FROM_DEVICE dma_addr=fffff100 size=64 attrs=";
    String cpu = "dma_sync_single_for_cpu:" + part;
    String device = "dma_sync_single_for_device:" + part;
    String other = cpu.replace("fffff100", "fffff200");

    assertThat(check(MAP, cpu, other, device, cpu, device).code()).isZero();
    Ran twice = check(MAP, cpu, device, device);
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.out())
        .contains("line 4: sync without need: ")
        .contains("syncs [0xfffff100, 0xfffff140) for the device, as the last sync of it was");
  }

  @Test
  void aRunIsCheckedFromItsJournal() {
    String run = directory.resolve("run").toString();
    assertThat(
            mapstorm(
                    "run",
                    "nvme-4k",
                    "--out",
                    run,
                    "--duration",
                    "2ms",
                    "--set",
                    "device.misuse.stale-every=50")
                .code())
        .isZero();
    Ran text = mapstorm("check", run, "--most", "1");
    assertThat(text.code()).isEqualTo(1);
    assertThat(text.out()).contains(" s: access after unmap: nvme: ").contains(", unmapped ");
    JsonNode json = mapstorm("check", run, "--json").json();
    assertThat(json.get("found").asLong()).isPositive();
    assertThat(json.get("rules").get(0).get("rule").asText()).isEqualTo("access-after-unmap");
    assertThat(json.get("findings").get(0).get("device").asText()).isEqualTo("nvme");
  }

  @Test
  void aCleanRunHasNothingWrong() {
    String run = directory.resolve("run").toString();
    mapstorm("run", "nvme-4k", "--out", run, "--duration", "1ms");
    Ran ran = mapstorm("check", run);
    assertThat(ran.code()).isZero();
    assertThat(ran.lastLine()).contains(": nothing wrong in ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "check | check needs a run directory, or a kernel trace with --trace",
        "check a --trace b | give a run or a trace, not both",
        "check --trace b --most 0 | --most: must be at least 1, is 0",
        "check a --whole | --whole has a meaning only with --trace",
      })
  void wrongCommandLinesAreRefused(String line, String message) {
    Ran ran = mapstorm(line.split(" "));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains(message);
  }
}
