package dev.mapstorm.load.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.check.HostCheck;
import dev.mapstorm.persistence.check.Rule;
import dev.mapstorm.persistence.check.Story;
import dev.mapstorm.persistence.check.WrongUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of built-in scenarios: clean ones have no findings, devices that do wrong are found. */
class ScenarioCheckTest {
  private static List<WrongUse> check(String scenario, String duration, String... settings) {
    ScenarioLoader loader = new ScenarioLoader("check").set("--duration", "duration", duration);
    for (int i = 0; i < settings.length; i += 2) {
      loader.set("--set", settings[i], settings[i + 1]);
    }
    List<WrongUse> found = new ArrayList<>();
    for (HostSpec host : loader.load(scenario).hosts()) {
      HostCheck check = new HostCheck(found::add);
      new BareLoop(host, words -> words.forEach(check.sink())).run();
      check.end();
    }
    return found;
  }

  static Stream<String> scenarios() {
    return ScenarioLoader.builtIn().keySet().stream().filter(each -> !each.equals("trace"));
  }

  /** Findings by rule and what they say, up to an address, with how many there are. */
  private static Map<String, Long> summary(List<WrongUse> found) {
    Map<String, Long> summary = new TreeMap<>();
    found.forEach(each -> summary.merge(each.rule() + ", " + each.what(), 1L, Long::sum));
    return summary;
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void nothingIsWrongInABuiltInScenario(String scenario) {
    assertThat(summary(check(scenario, "3ms"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "strict, write: fault: not mapped",
    "lazy, write: silent: through a stale IOTLB entry",
    "passthrough, write: silent: nothing checks it"
  })
  void anAccessAfterUnmapIsClassedByWhatBecomesOfIt(String mode, String outcome) {
    List<WrongUse> found =
        check(
            "nvme-4k",
            "10ms",
            "iommu.mode",
            mode,
            "clients",
            "1",
            "client.rate",
            "5k",
            "client.arrivals",
            "equal",
            "client.read-percent",
            "100",
            "device.misuse.stale-every",
            "10",
            "device.misuse.stale-after",
            "80us");
    assertThat(summary(found)).containsOnlyKeys("ACCESS_AFTER_UNMAP, " + outcome);
    WrongUse first = found.get(0);
    Story story = first.story().orElseThrow();
    assertThat(story.client()).isEqualTo(first.client());
    assertThat(story.op()).isEqualTo(first.op());
    assertThat(story.mapped().t()).isLessThan(story.unmapped().orElseThrow().t());
    assertThat(story.unmapped().orElseThrow().t()).isLessThan(first.t());
  }

  @Test
  void aWriteToWhatMayOnlyBeReadIsRefusedAndFound() {
    List<WrongUse> found =
        check("nvme-4k", "2ms", "client.read-percent", "0", "device.misuse.write-every", "7");
    assertThat(summary(found)).containsOnlyKeys("WRONG_DIRECTION, write: fault: wrong rights");
  }

  @Test
  void withoutTranslationAWriteToWhatMayOnlyBeReadIsNotNoticed() {
    List<WrongUse> found =
        check(
            "nvme-4k",
            "2ms",
            "iommu.mode",
            "passthrough",
            "client.read-percent",
            "0",
            "device.misuse.write-every",
            "7");
    assertThat(summary(found))
        .containsOnlyKeys("WRONG_DIRECTION, write: silent: nothing checks it");
  }

  @Test
  void addressBitsThatAreNotDrivenAreFound() {
    // With 31 bits every address at the end of the 32-bit space becomes another one.
    List<WrongUse> found =
        check("nvme-4k", "2ms", "client.read-percent", "100", "device.misuse.address-bits", "31");
    assertThat(summary(found)).containsOnlyKeys("ADDRESS_BITS, write: fault: not mapped");
    assertThat(found).allMatch(each -> each.pfn() < 1 << 19);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void misuseIsFoundOnEveryPlatform(String scenario) {
    Map<Rule, Long> rules = new TreeMap<>();
    check(
            scenario,
            scenario.equals("arm32-media") ? "60ms" : "8ms",
            "device.misuse.stale-every",
            "1",
            "device.misuse.stale-after",
            "3ms")
        .forEach(each -> rules.merge(each.rule(), 1L, Long::sum));
    assertThat(rules).containsOnlyKeys(Rule.ACCESS_AFTER_UNMAP);
  }
}
