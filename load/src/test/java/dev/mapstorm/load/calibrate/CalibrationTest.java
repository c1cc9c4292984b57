package dev.mapstorm.load.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.validate.BenchmarkMode;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.MapBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
  private static final Path KUNPENG =
      Path.of("src/test/resources/dev/mapstorm/load/kunpeng920-dma-map-benchmark.txt");
  private static final List<Integer> PAGES = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256);
  private static final List<Integer> THREADS = List.of(4, 8, 16, 32);
  private static final int KTIME_NS = 30;
  private static final double NOISE = 0.02;

  /** Bounce buffers hold 256 KiB in a row. */
  private static final int BOUNCED_PAGES = 64;

  /** Of two machines with units of a kind a build measures one; a campaign all nine. */
  private static final Set<String> LEFT_TO_CAMPAIGNS =
      Set.of("xeon-icelake-vtd", "grace-smmuv3", "arm32-iommu");

  /** Measurements of each machine; more for a campaign. */
  private static final int NOISES = Integer.getInteger("mapstorm.noises", 1);

  private final Experiments experiments = new Experiments("test", () -> false);

  @TempDir Path folder;

  private CallTimes simulated(String platform, BenchmarkMode mode, int threads, int pages) {
    MapBenchmark run =
        new MapBenchmark(platform, mode, threads, 0.001, false, 48, true, 0, pages, false);
    return experiments.times(MapBenchmark.SCENARIO, Calibration.settings(run));
  }

  /** What the tool would print on a machine that is as a profile says: with noise, and rounded. */
  private void run(
      List<String> to, String platform, BenchmarkMode mode, int threads, int pages, Random noise) {
    CallTimes times = simulated(platform, mode, threads, pages);
    MapBenchmark run =
        new MapBenchmark(platform, mode, threads, 0.001, false, 48, true, 0, pages, false);
    to.add(run.lines(times).get(0));
    to.add(line("map", times.maps().mean(), noise));
    to.add(line("unmap", times.unmaps().mean(), noise));
  }

  private List<String> measured(String platform, BenchmarkMode mode, Random noise) {
    List<String> lines = new ArrayList<>(List.of("# mode " + mode.label()));
    for (int pages : PAGES) {
      if (mode != BenchmarkMode.BOUNCED || pages <= BOUNCED_PAGES) {
        run(lines, platform, mode, 1, pages, noise);
      }
    }
    if (mode == BenchmarkMode.STRICT && platform.contains("smmu")) {
      THREADS.forEach(threads -> run(lines, platform, mode, threads, 1, noise));
    }
    return lines;
  }

  private static String line(String what, double ns, Random noise) {
    double shown = (ns + KTIME_NS) * (1 + NOISE * noise.nextGaussian());
    return "average %s latency(us):%.1f standard deviation:0.4".formatted(what, shown / 1e3);
  }

  /** In all modes that the machine has. */
  private List<String> measured(String platform, long seed) {
    Random noise = new Random(seed);
    List<BenchmarkMode> modes =
        switch (platform) {
          case "swiotlb-guest" -> List.of(BenchmarkMode.BOUNCED);
          case "power-tce", "arm32-iommu" -> List.of(BenchmarkMode.STRICT);
          default -> List.of(BenchmarkMode.PASSTHROUGH, BenchmarkMode.LAZY, BenchmarkMode.STRICT);
        };
    List<String> lines = new ArrayList<>();
    modes.forEach(mode -> lines.addAll(measured(platform, mode, noise)));
    return lines;
  }

  private static List<BenchmarkCell> read(List<String> lines) {
    return BenchmarkOutput.read(List.of(new MeasuredFile("dmb.txt", lines)));
  }

  /** The profile with what can be fitted being wrong. */
  private String wrong(String platform, Collection<String> keys) throws IOException {
    PlatformProfile profile = Platforms.load(platform);
    StringBuilder text =
        new StringBuilder("include classpath(\"platforms/%s.conf\")\n".formatted(platform));
    for (ProfileFigure figure : profile.figures()) {
      String key = figure.key().replace("costs.", "");
      if (keys.contains(key)) {
        String amount = Calibration.number(key, figure.value().doubleValue() * 1.4);
        text.append(
            "%s { %s = %s, low = %s, high = %s }\n"
                .formatted(figure.key(), figure.unit(), amount, amount, amount));
      }
    }
    return Files.writeString(folder.resolve(platform + "-wrong.conf"), text).toString();
  }

  /**
   * What is identified of each machine; the tool's tenths of a microsecond are most of the error.
   */
  @Test
  void measurementsOfKnownMachinesGiveThemBack(TestReporter reporter) throws IOException {
    int within = 0;
    int identified = 0;
    StringBuilder misses = new StringBuilder();
    for (String platform : Platforms.builtIn()) {
      if (NOISES == 1 && LEFT_TO_CAMPAIGNS.contains(platform)) {
        continue;
      }
      Set<String> keys =
          new Calibration(read(measured(platform, 0)), platform, experiments).fit().keySet();
      assertThat(keys).as(platform).containsAll(IDENTIFIED.get(platform));
      String base = wrong(platform, keys);
      for (int seed = 1; seed <= NOISES; seed++) {
        List<BenchmarkCell> cells = read(measured(platform, seed));
        for (CalibratedFigure each : new Calibration(cells, base, experiments).fit().values()) {
          double truth = truth(platform, each.key());
          identified++;
          if (truth >= each.low() && truth <= each.high()) {
            within++;
          } else {
            misses.append(
                "%s: %s is %.2f, fitted %s%n".formatted(platform, each.key(), truth, each));
          }
        }
      }
    }
    reporter.publishEntry("within", "%d of %d%n%s".formatted(within, identified, misses));
    assertThat((double) within / identified)
        .as("%d of %d: %s", within, identified, misses)
        .isGreaterThanOrEqualTo(0.95);
    assertThat(identified).isGreaterThan((NOISES == 1 ? 25 : 40) * NOISES);
  }

  private static final Map<String, List<String>> IDENTIFIED =
      Map.of(
          "xeon-skylake-vtd",
          List.of("pte-write", "pte-clear", "pte-prepare", "tree-alloc", "wait-latency"),
          "xeon-icelake-vtd",
          List.of("pte-write", "pte-clear", "pte-prepare", "tree-alloc", "wait-latency"),
          "epyc-amdvi",
          List.of("pte-write", "pte-clear", "pte-prepare", "unmap-prepare"),
          "kunpeng920-smmuv3",
          List.of("pte-write", "pte-prepare", "tlbi", "queue-handover", "queue-contender"),
          "grace-smmuv3",
          List.of("pte-write", "pte-prepare", "tlbi", "queue-handover", "queue-contender"),
          "virtio-iommu-guest",
          List.of("map-page", "map-request", "unmap-page", "unmap-request"),
          "swiotlb-guest",
          List.of("bounce-copy", "bounce-alloc", "bounce-free"),
          "power-tce",
          List.of("hypercall", "hypercall-tce"),
          "arm32-iommu",
          List.of("pte-write", "pte-prepare", "context-flush", "pte-clear"));

  private static double truth(String platform, String key) {
    return Platforms.load(platform).figures().stream()
        .filter(each -> each.key().equals("costs." + key))
        .findFirst()
        .orElseThrow()
        .value()
        .doubleValue();
  }

  /** The published runs of a Kunpeng 920 give the figures that were worked out by hand. */
  @Test
  void realRunsGiveWhatWasWorkedOutOfThem() throws IOException {
    List<BenchmarkCell> cells = read(Files.readAllLines(KUNPENG));
    Calibration calibration = new Calibration(cells, "kunpeng920-smmuv3", experiments);
    Map<String, CalibratedFigure> fitted = calibration.fit();

    assertThat(cells).hasSize(18);
    assertThat(fitted.get("tlbi").low()).isLessThan(72);
    assertThat(fitted.get("tlbi").high()).isGreaterThan(72);
    assertThat(fitted.get("pte-write").low()).isLessThan(2.7);
    assertThat(fitted.get("pte-write").high()).isGreaterThan(2.7);
    assertThat(fitted).doesNotContainKeys("pte-clear", "unmap-prepare");
    assertThat(calibration.misfit()).isLessThan(0.05);

    Path file = Files.writeString(folder.resolve("mine.conf"), calibration.text("mine", "V1"));
    PlatformProfile mine = Platforms.load(file.toString());
    assertThat(mine.figures()).hasSameSizeAs(Platforms.load("kunpeng920-smmuv3").figures());
    assertThat(mine.figures())
        .filteredOn(figure -> figure.key().equals("costs.tlbi"))
        .allMatch(figure -> figure.story().startsWith("V1: slope of unmap, strict"));
  }

  @Test
  void runsOfTwoMachinesAreRefused() {
    List<String> both = new ArrayList<>(measured("kunpeng920-smmuv3", 1));
    both.addAll(measured("grace-smmuv3", 2));

    assertThatThrownBy(() -> read(both))
        .isInstanceOf(CalibrationException.class)
        .hasMessageContaining("are both of ")
        .hasMessageContaining("are they of one machine?");
  }

  /** The strict half of one machine and the lazy half of another, noticed by their maps. */
  @ParameterizedTest
  @CsvSource({
    "xeon-skylake-vtd,epyc-amdvi,an unmap of 64 pages takes 1.4 us strict and 2.5 us lazy",
    "epyc-amdvi,kunpeng920-smmuv3,dmb.txt line 2 and after it",
  })
  void halvesOfTwoMachinesAreRefused(String strict, String lazy, String message) {
    List<String> lines = new ArrayList<>(measured(strict, BenchmarkMode.STRICT, new Random(1)));
    lines.addAll(measured(lazy, BenchmarkMode.LAZY, new Random(2)));

    assertThatThrownBy(() -> new Calibration(read(lines), strict, experiments).fit())
        .isInstanceOf(CalibrationException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(" strict and ");
  }

  @Test
  void exchangedModesAreRefused() {
    Random noise = new Random(1);
    List<String> lines = new ArrayList<>(measured("kunpeng920-smmuv3", BenchmarkMode.LAZY, noise));
    lines.addAll(measured("kunpeng920-smmuv3", BenchmarkMode.STRICT, noise));
    lines.replaceAll(
        line ->
            line.equals("# mode lazy")
                ? "# mode strict"
                : line.equals("# mode strict") ? "# mode lazy" : line);

    assertThatThrownBy(() -> read(lines)).hasMessageContaining("are the modes exchanged?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "# mode fast|dmb.txt line 1: mode must be strict, lazy, passthrough or bounced, is fast",
        "dma mapping benchmark: threads:1 seconds:1 node:0 dir:TO_DEVICE granule: 1|dmb.txt line 1:"
            + " nothing before it says which mode",
      })
  void whatIsNoMeasurementIsRefused(String line, String message) {
    assertThatThrownBy(() -> read(List.of(line))).hasMessageContaining(message);
  }

  @Test
  void threeSizesAreTooFew() {
    List<String> lines = measured("kunpeng920-smmuv3", BenchmarkMode.STRICT, new Random(1));
    List<BenchmarkCell> few = read(lines.subList(0, 1 + 2 * 3));

    assertThatThrownBy(() -> new Calibration(few, "kunpeng920-smmuv3", experiments).fit())
        .hasMessageContaining("too little to fit");
  }
}
