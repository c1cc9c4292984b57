package dev.mapstorm.load.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.arm32.ArmDmaCosts;
import dev.mapstorm.actors.backend.powerpc.TceDmaCosts;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.load.validate.BenchmarkMode;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.load.validate.MapBenchmark;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What a batch and the two-step calls save on each platform, docs/COSTS.md: 32 scattered pages, one
 * CPU, nothing but the calls. A range is that of the difference, each figure at its least and its
 * most, added by squares.
 */
class BatchSavingsTest {
  private static final Path COSTS = Path.of("../docs/COSTS.md");
  private static final int PAGES = 32;

  /** Requests that are measured, as many before them; a ring of 256 is flushed several times. */
  private static final int STRICT_REQUESTS = 24;

  private static final int LAZY_REQUESTS = 1024;

  /** All lines take a minute. */
  private static final boolean ALL = Boolean.getBoolean("mapstorm.savings.all");

  private static final List<String> SOME =
      List.of("kunpeng920-smmuv3", "swiotlb-guest", "power-tce");
  private static final List<String> APIS = List.of("page", "sg", "batch", "iova");

  /** A platform in a mode: nanoseconds a page by API. */
  private static final class Machine {
    final Map<String, PricedHost> hosts = new LinkedHashMap<>();
    final PlatformProfile profile;

    Machine(String platform, BenchmarkMode mode) {
      profile = Platforms.load(platform);
      for (String api : APIS) {
        hosts.put(api, host(platform, mode, api));
      }
    }

    private static PricedHost host(String platform, BenchmarkMode mode, String api) {
      PricedHost shortRun = host(platform, mode, api, 2e6);
      double latency = PAGES * perPage(shortRun.host());
      boolean rings = mode == BenchmarkMode.LAZY;
      int requests =
          !rings ? STRICT_REQUESTS : api.equals("page") ? LAZY_REQUESTS / PAGES * 2 : LAZY_REQUESTS;
      return host(platform, mode, api, 2 * requests * latency);
    }

    private static PricedHost host(String platform, BenchmarkMode mode, String api, double ns) {
      ScenarioLoader loader = new ScenarioLoader("test");
      new MapBenchmark(platform, mode, 1, ns / 1e9, false, 48, true, 0, PAGES, true)
          .settings()
          .forEach(loader::set);
      loader.set("client.api=" + api);
      loader.set("unit.iotlb-entries=1");
      loader.set("unit.iotlb-ways=1");
      return PricedHost.of(loader.load(MapBenchmark.SCENARIO));
    }

    Map<String, Double> perPage(String key, BigDecimal value) {
      Map<String, Double> found = new LinkedHashMap<>();
      hosts.forEach(
          (api, host) ->
              found.put(api, perPage(key == null ? host.host() : host.with(key, value))));
      return found;
    }

    /** A request is nothing but its calls, so that its latency is their time. */
    private static double perPage(HostSpec host) {
      CallTimes times = new CallTimes(host.endNs() / 2);
      BareLoop.unbatched(host, times).run();
      return times.latencies().mean() / PAGES;
    }

    /** What a figure's least and most make of all, where the platform takes them. */
    List<List<Map<String, Double>>> moved() {
      List<List<Map<String, Double>>> all = new ArrayList<>();
      for (ProfileFigure figure : profile.figures()) {
        if (figure.key().startsWith("costs.") && figure.low().compareTo(figure.high()) != 0) {
          try {
            all.add(
                List.of(perPage(figure.key(), figure.low()), perPage(figure.key(), figure.high())));
          } catch (ScenarioException e) {
            throw new AssertionError(figure.key(), e);
          }
        }
      }
      return all;
    }
  }

  private static String saved(
      Map<String, Double> as,
      List<List<Map<String, Double>>> moved,
      ToDoubleFunction<Map<String, Double>> difference) {
    double value = difference.applyAsDouble(as);
    double down = 0;
    double up = 0;
    for (List<Map<String, Double>> each : moved) {
      double one = difference.applyAsDouble(each.get(0)) - value;
      double other = difference.applyAsDouble(each.get(1)) - value;
      down += Math.pow(Math.min(0, Math.min(one, other)), 2);
      up += Math.pow(Math.max(0, Math.max(one, other)), 2);
    }
    return "%.0f (%.0f to %.0f)"
        .formatted(value, value - Math.sqrt(down), value + Math.sqrt(up))
        .replace("-0 ", "0 ")
        .replace("-0)", "0)");
  }

  private static String line(String platform, BenchmarkMode mode) {
    Machine machine = new Machine(platform, mode);
    Map<String, Double> as = machine.perPage(null, null);
    List<List<Map<String, Double>>> moved = machine.moved();
    return "| `%s` | %s | %s | %s | %s | %s |"
        .formatted(
            platform,
            mode.label(),
            saved(as, moved, of -> of.get("page") - of.get("batch")),
            saved(as, moved, of -> of.get("sg") - of.get("batch")),
            saved(as, moved, of -> of.get("page") - of.get("iova")),
            saved(as, moved, of -> of.get("sg") - of.get("iova")));
  }

  private static List<BenchmarkMode> modes(String platform) {
    PlatformProfile profile = Platforms.load(platform);
    if (profile.costs(ArmDmaCosts.class) != null || profile.costs(TceDmaCosts.class) != null) {
      return List.of(BenchmarkMode.STRICT);
    }
    return platform.startsWith("swiotlb")
        ? List.of(BenchmarkMode.BOUNCED)
        : List.of(BenchmarkMode.STRICT, BenchmarkMode.LAZY);
  }

  /** The table is what is computed; a line that is not is shown as it must be. */
  @TestFactory
  List<DynamicTest> savingsAreThoseOfTheDocument() throws IOException {
    List<String> document = Files.readAllLines(COSTS);
    List<DynamicTest> tests = new ArrayList<>();
    for (String platform : ALL ? Platforms.builtIn() : SOME) {
      for (BenchmarkMode mode : modes(platform)) {
        tests.add(
            DynamicTest.dynamicTest(
                platform + " " + mode.label(),
                () -> {
                  String line = line(platform, mode);
                  assertThat(document.contains(line)).as("DOC %s", line).isTrue();
                }));
      }
    }
    return tests;
  }
}
