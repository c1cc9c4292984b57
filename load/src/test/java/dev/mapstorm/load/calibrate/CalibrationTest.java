package dev.mapstorm.load.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.MapBenchmark;
import dev.mapstorm.protocol.IommuMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
  private static final Path KUNPENG =
      Path.of("src/test/resources/dev/mapstorm/load/kunpeng920-dma-map-benchmark.txt");
  private static final List<Integer> PAGES = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256);
  private static final int KTIME_NS = 30;
  private static final int NOISES = 1;

  private final Experiments experiments = new Experiments("test", () -> false);

  @TempDir Path folder;

  /** What the tool would print on a machine that is as a profile says: with noise, and rounded. */
  private List<String> measured(String platform, IommuMode mode, int threads, Random noise) {
    List<String> lines = new ArrayList<>(List.of("# mode " + mode.label()));
    for (int pages : PAGES) {
      MapBenchmark run =
          new MapBenchmark(platform, mode, threads, 0.003, false, 48, true, 0, pages, false);
      CallTimes times = experiments.times(MapBenchmark.SCENARIO, run.settings());
      lines.add(run.lines(times).get(0));
      lines.add(line("map", times.maps().mean(), noise));
      lines.add(line("unmap", times.unmaps().mean(), noise));
    }
    return lines;
  }

  private static String line(String what, double ns, Random noise) {
    double shown = (ns + KTIME_NS) * (1 + 0.02 * noise.nextGaussian());
    return "average %s latency(us):%.1f standard deviation:0.4".formatted(what, shown / 1e3);
  }

  private List<String> measured(String platform, long seed) {
    Random noise = new Random(seed);
    List<String> lines = new ArrayList<>();
    lines.addAll(measured(platform, IommuMode.PASSTHROUGH, 1, noise));
    lines.addAll(measured(platform, IommuMode.LAZY, 1, noise));
    lines.addAll(measured(platform, IommuMode.STRICT, 1, noise));
    return lines;
  }

  /** The profile with what can be fitted being wrong. */
  private String wrong(String platform, List<String> keys) throws IOException {
    PlatformProfile profile = Platforms.load(platform);
    StringBuilder text =
        new StringBuilder("include classpath(\"platforms/%s.conf\")\n".formatted(platform));
    for (ProfileFigure figure : profile.figures()) {
      String key = figure.key().replace("costs.", "");
      if (keys.contains(key)) {
        String ns = Calibration.number(key, figure.value().doubleValue() * 1.4);
        text.append("%s { ns = %s, low = %s, high = %s }\n".formatted(figure.key(), ns, ns, ns));
      }
    }
    return Files.writeString(folder.resolve(platform + "-wrong.conf"), text).toString();
  }

  /** The tool's tenths of a microsecond are most of the error. */
  @ParameterizedTest
  @CsvSource({
    "xeon-skylake-vtd,wait-latency",
    "kunpeng920-smmuv3,tlbi",
  })
  void measurementsOfAKnownMachineGiveItBack(String platform, String atLeast) throws IOException {
    List<String> keys =
        List.of(
            "pte-write",
            "pte-clear",
            "pte-prepare",
            "unmap-prepare",
            "tree-alloc",
            "tlbi",
            "wait-latency",
            "msi-write");
    String base = wrong(platform, keys);
    int within = 0;
    int identified = 0;
    StringBuilder misses = new StringBuilder();
    for (int seed = 0; seed < NOISES; seed++) {
      List<BenchmarkCell> cells = BenchmarkOutput.read(measured(platform, seed));
      Map<String, CalibratedFigure> fitted = new Calibration(cells, base, experiments).fit();
      assertThat(fitted).containsKeys("pte-write", "pte-prepare", atLeast);
      for (CalibratedFigure each : fitted.values()) {
        if (each.key().equals("completion-latency")) {
          // The CPU looks every microsecond: no measurement shows a part of that.
          continue;
        }
        double truth = truth(platform, each.key());
        identified++;
        if (truth >= each.low() && truth <= each.high()) {
          within++;
        } else {
          misses.append("%s is %.2f, fitted %s; ".formatted(each.key(), truth, each));
        }
      }
    }

    assertThat((double) within / identified)
        .as("%d of %d: %s", within, identified, misses)
        .isGreaterThanOrEqualTo(0.8);
  }

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
    List<BenchmarkCell> cells = BenchmarkOutput.read(Files.readAllLines(KUNPENG));
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

    assertThatThrownBy(() -> BenchmarkOutput.read(both))
        .isInstanceOf(CalibrationException.class)
        .hasMessageContaining("are both of ")
        .hasMessageContaining("are they of one machine?");
  }

  @Test
  void exchangedModesAreRefused() {
    Random noise = new Random(1);
    List<String> lines = new ArrayList<>(measured("kunpeng920-smmuv3", IommuMode.LAZY, 1, noise));
    lines.addAll(measured("kunpeng920-smmuv3", IommuMode.STRICT, 1, noise));
    lines.replaceAll(
        line ->
            line.equals("# mode lazy")
                ? "# mode strict"
                : line.equals("# mode strict") ? "# mode lazy" : line);

    assertThatThrownBy(() -> BenchmarkOutput.read(lines))
        .hasMessageContaining("are the modes exchanged?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing of it|there is no output of dma_map_benchmark in it",
        "# mode fast|line 1: mode must be strict, lazy or passthrough, is fast",
        "dma mapping benchmark: threads:1 seconds:1 node:0 dir:TO_DEVICE granule: 1|line 1: nothing"
            + " before it says which mode",
      })
  void whatIsNoMeasurementIsRefused(String line, String message) {
    assertThatThrownBy(() -> BenchmarkOutput.read(List.of(line))).hasMessageContaining(message);
  }

  @Test
  void threeSizesAreTooFew() {
    List<String> lines = measured("kunpeng920-smmuv3", IommuMode.STRICT, 1, new Random(1));
    List<BenchmarkCell> few = BenchmarkOutput.read(lines.subList(0, 1 + 2 * 3));

    assertThatThrownBy(() -> new Calibration(few, "kunpeng920-smmuv3", experiments).fit())
        .hasMessageContaining("too little to fit");
  }
}
