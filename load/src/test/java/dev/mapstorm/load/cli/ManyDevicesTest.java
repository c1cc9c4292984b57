package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces of more devices than a machine can have. */
class ManyDevicesTest {
  private static final long TOP = 0xffff_f000L;

  @TempDir Path folder;

  /** Every device maps a page, and then every device unmaps it. */
  private static byte[] trace(int devices) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < devices; i++) {
      long iova = TOP - ((long) i << 12);
      line(text, 4L * i, "map: IOMMU: iova=0x%x - 0x%x paddr=0x%x size=4096", iova, iova + 4096, i);
      line(
          text,
          4L * i + 1,
          "dma_map_page: %s dir=FROM_DEVICE dma_addr=%x size=4096 phys_addr=%x attrs=",
          device(i),
          iova,
          i);
    }
    for (int i = 0; i < devices; i++) {
      long iova = TOP - ((long) i << 12);
      long at = 4L * devices + 2L * i;
      line(
          text,
          at,
          "unmap: IOMMU: iova=0x%x - 0x%x size=4096 unmapped_size=4096",
          iova,
          iova + 4096);
      line(
          text,
          at + 1,
          "dma_unmap_page: %s dir=FROM_DEVICE dma_addr=%x size=4096 attrs=",
          device(i),
          iova);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void line(StringBuilder text, long us, String event, Object... values) {
    text.append("a-1 [000] ..... 1.%06d: ".formatted(us)).append(event.formatted(values));
    text.append('\n');
  }

  private static String device(int number) {
    return "%04x:%02x:%02x.%d"
        .formatted(number >> 16, number >> 8 & 0xff, number >> 3 & 0x1f, number & 7);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("many.trace"), bytes);
  }

  /** What stands in the trace after the device that is one too many is not looked at. */
  @Test
  void aRunIsRefusedAtTheFirstDeviceThatIsTooMany() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(trace(20_000));
    }
    // Whoever reads on finds damage.
    byte[] half = Arrays.copyOf(packed.toByteArray(), packed.size() / 2);
    Path trace = file(half);
    Ran ran = mapstorm("run", "--trace", trace.toString(), "--out", folder + "/out");
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err())
        .isEqualTo(
            "mapstorm: %s:2050: %s is device 1025 of the trace, and a machine has at most 1024\n"
                .formatted(trace, device(Limits.DEVICES)));
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void asManyAsAMachineHasAreReadAndTheReadingIsTold() throws Exception {
    List<Double> fractions = new ArrayList<>();
    List<Long> requests = new ArrayList<>();
    Scenario scenario =
        new ScenarioLoader("1")
            .onReading(
                (fraction, count) -> {
                  fractions.add(fraction);
                  requests.add(count);
                })
            .trace(file(trace(Limits.DEVICES)))
            .loadTrace();
    assertThat(scenario.hosts().get(0).clients()).hasSize(Limits.DEVICES);
    assertThat(fractions).isSorted().endsWith(1.0).hasSizeGreaterThan(3);
    assertThat(requests).isSorted();
    assertThat(requests.get(requests.size() - 1)).isPositive();
  }

  @Test
  void whatNeedsNoMachineIsAnswered() throws Exception {
    int devices = 8_000;
    String trace = file(trace(devices)).toString();
    JsonNode explained = mapstorm("explain", trace, "--json").json();
    assertThat(explained.at("/devices")).hasSize(devices);
    for (JsonNode device : explained.at("/devices")) {
      assertThat(device.get("maps").asLong()).isOne();
      assertThat(device.get("unmaps").asLong()).isOne();
    }
    assertThat(explained.at("/standing")).isEmpty();
    assertThat(explained.at("/strayUnmaps")).isEmpty();

    JsonNode compared = mapstorm("conform", "trace", trace, "--json").json();
    assertThat(compared.get("allocations").asLong()).isEqualTo(devices);
  }
}
