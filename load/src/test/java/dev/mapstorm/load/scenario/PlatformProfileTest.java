package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.unit.vtd.VtdCosts;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformProfileTest {

  @ParameterizedTest
  @ValueSource(strings = "xeon-vtd")
  void everyFigureOfABuiltInProfileHasABasis(String name) {
    PlatformProfile profile = read(BuiltIn.platform(name, new UserHocon()));

    assertThat(profile.name()).isEqualTo(name);
    assertThat(profile.figures()).hasSize(34 + 4).allMatch(figure -> !figure.basis().isBlank());
    assertThat(profile.assumptions()).isNotEmpty().allMatch(ProfileFigure::assumed);
  }

  @Test
  void strictInvalidationOnXeonAddsUpToThePublishedCycles() {
    PlatformProfile profile = read(BuiltIn.platform("xeon-vtd", new UserHocon()));
    Costs costs = profile.costs();
    VtdCosts unit = ((VtdSpec) profile.unit()).costs();

    long publishedNs = Math.round(2127 / 3.1);
    assertThat(unit.queuePost() + unit.invalidatePages() + unit.invalidateWait())
        .isEqualTo(publishedNs);
    assertThat(costs.ptePrepare() + costs.pteWrite()).isEqualTo(Math.round(590 / 3.1));
    assertThat(costs.ptePrepare() + costs.pteClear()).isEqualTo(Math.round(427 / 3.1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "costs.walk-read { ns = 1, source = y, assumption = x }|costs.walk-read: says both source"
            + " and assumption",
        "costs.walk-read = { ns = 1 }|costs.walk-read: says neither where it comes from nor why",
        "costs.walk-read = 5|costs.walk-read: must be { ns = …, source = \"…\" }",
        "costs.walk-read = { source = x }|costs.walk-read.ns: is missing",
        "costs.walk-read = { ns = -1, source = x }|costs.walk-read.ns: -1 is out of range",
        "costs.walk-read = { ns = 1.5, source = x }|costs.walk-read.ns: \"1.5\" is not a time",
        "costs.walk-read = { ns = 1, source = \" \" }|costs.walk-read.source: must not be empty",
        "costs.walk-read { us = 1 }|costs.walk-read.us: a figure has ns, and source or assumption",
        "costs.walk-reed { ns = 1, source = x }|costs.walk-reed: no platform has such a figure; did"
            + " you mean walk-read?",
        "unit.kind = smmu|unit.kind: \"smmu\" is none of amd-vi, ipmmu, pseries, smmuv3, virtio-iommu, vtd",
        "cost { }|cost: a platform profile has no such key; did you mean costs?",
      })
  void figuresWithoutExactlyOneBasisAreRefused(String change, String message) {
    Config changed = parsed(change).withFallback(without("costs.walk-read"));

    assertThatThrownBy(() -> read(changed))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iotlb-ways = 3|unit.iotlb-entries: 64 is no multiple of unit.iotlb-ways, 3",
        "queue-entries = 2|unit.queue-entries: must be 3 to 32768, is 2",
        "queue-entries = 1000000000|unit.queue-entries: must be 3 to 32768, is 1000000000",
        "iotlb-entries = 0|unit.iotlb-entries: must be 1 to 1048576, is 0",
        "max-address-mask = 64|unit.max-address-mask: must be 0 to 63, is 64",
        "kind = vtd|unit.kind: no platform has such a figure",
      })
  void unitsThatCannotBeAreRefused(String change, String message) {
    Map<String, ConfigObject> overrides =
        Map.of("costs", ConfigFactory.empty().root(), "unit", parsed(change).root());

    assertThatThrownBy(
            () ->
                PlatformProfile.read(
                    BuiltIn.platform("xeon-vtd", new UserHocon()).root(), overrides))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFigureIsNamed() {
    assertThatThrownBy(() -> read(without("costs.doorbell")))
        .hasMessageContaining("costs.doorbell: is missing from the platform profile");
  }

  @Test
  void figuresMayBeWrittenAsDurations() {
    Config changed =
        parsed("costs.doorbell = { ns = 1.5us, source = x }")
            .withFallback(without("costs.doorbell"));

    assertThat(read(changed).costs().doorbell()).isEqualTo(1500);
  }

  @Test
  void whatAScenarioSetsItselfIsAnAssumption() {
    ConfigObject costs = parsed("walk-read = 100ns").root();

    PlatformProfile profile =
        PlatformProfile.read(
            BuiltIn.platform("xeon-vtd", new UserHocon()).root(),
            Map.of("costs", costs, "unit", ConfigFactory.empty().root()));

    assertThat(profile.costs().walkRead()).isEqualTo(100);
    assertThat(profile.assumptions())
        .contains(new ProfileFigure("costs.walk-read", "ns", 100, true, "set by the scenario"));
  }

  private static Config without(String figure) {
    return BuiltIn.platform("xeon-vtd", new UserHocon()).withoutPath(figure);
  }

  private static Config parsed(String text) {
    return ConfigFactory.parseString(text, ConfigParseOptions.defaults());
  }

  private static PlatformProfile read(Config profile) {
    ConfigObject none = ConfigFactory.empty().root();
    return PlatformProfile.read(profile.root(), Map.of("costs", none, "unit", none));
  }
}
