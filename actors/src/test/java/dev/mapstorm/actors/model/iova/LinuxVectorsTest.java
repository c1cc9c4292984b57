package dev.mapstorm.actors.model.iova;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays what the compiled Linux 6.12 allocator answered. Columns: op, cpu, size, limit_pfn, pfn,
 * path, walk.
 */
class LinuxVectorsTest {
  @ParameterizedTest
  @ValueSource(strings = {"page", "mixed", "dac32", "big", "fragment", "gc"})
  void givesTheFramePathAndWalkThatLinuxGave(String profile) throws IOException {
    List<String> lines = lines(profile);
    IovaDomain domain = new IovaDomain(header(lines.get(0), "cpus"));
    boolean pci32 = lines.get(0).contains("pci32=1");
    Pci32Workaround workaround = Pci32Workaround.of(1, pci32);

    List<String> answers = new ArrayList<>();
    for (String line : lines.subList(2, lines.size())) {
      answers.add(answer(domain, workaround, line.split(",")));
    }

    assertThat(answers).isEqualTo(lines.subList(2, lines.size()));
    assertThat(domain.treeRanges()).isGreaterThan(100);
  }

  private static String answer(IovaDomain domain, Pci32Workaround workaround, String[] field) {
    int cpu = Integer.parseInt(field[1]);
    long size = Long.parseLong(field[2]);
    long limit = Long.parseLong(field[3]);
    long pfn = Long.parseLong(field[4]);
    switch (field[0]) {
      case "alloc" -> pfn = domain.allocForDevice(cpu, size, limit, 0, workaround);
      case "free" -> assertThat(domain.freeFast(cpu, pfn, size)).isTrue();
      case "gc" -> pfn = firings(domain);
      default -> throw new AssertionError("unknown operation " + field[0]);
    }
    String path = field[0].equals("gc") ? "tree" : path(domain.lastPath());
    return String.join(
        ",", field[0], field[1], field[2], field[3], "" + pfn, path, "" + domain.lastWalk());
  }

  private static int firings(IovaDomain domain) {
    int magazines = 0;
    for (int order = 0; order <= domain.maxCachedOrder(); order++) {
      if (domain.depotWork(order) > 0) {
        magazines++;
      }
    }
    return magazines;
  }

  private static String path(IovaPath path) {
    return switch (path) {
      case LOADED, PREV -> "cpu";
      case DEPOT -> "depot";
      case TREE -> "tree";
      case FLUSHED_TREE -> "flush";
      case NONE -> "fail";
    };
  }

  private static int header(String line, String name) {
    var matcher = Pattern.compile(name + "=(\\d+)").matcher(line);
    assertThat(matcher.find()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static List<String> lines(String profile) throws IOException {
    try (var raw = LinuxVectorsTest.class.getResourceAsStream("iova-" + profile + ".csv.gz");
        var reader =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(raw), StandardCharsets.US_ASCII))) {
      return reader.lines().toList();
    }
  }
}
