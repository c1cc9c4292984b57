package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.PerItem;
import dev.mapstorm.actors.unit.vtd.VtdCosts;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlatformProfileTest {

  static List<String> platforms() {
    return BuiltIn.PLATFORMS;
  }

  @ParameterizedTest
  @MethodSource("platforms")
  void everyFigureOfABuiltInProfileHasARangeAndAStory(String name) {
    PlatformProfile profile = read(BuiltIn.platform(name, new UserHocon()));

    assertThat(profile.name()).isEqualTo(name);
    assertThat(profile.figures())
        .hasSizeGreaterThan(40)
        .allMatch(figure -> !figure.story().isBlank())
        .allMatch(figure -> figure.low().compareTo(figure.value()) <= 0)
        .allMatch(figure -> figure.high().compareTo(figure.value()) >= 0);
    assertThat(profile.figures())
        .filteredOn(ProfileFigure::assumed)
        .filteredOn(figure -> figure.unit().equals("ns") && figure.value().signum() > 0)
        .filteredOn(figure -> figure.low().compareTo(figure.high()) == 0)
        .extracting(ProfileFigure::key)
        .as("what is assumed is not known exactly")
        .isSubsetOf("costs.lock-handover-far");
  }

  @ParameterizedTest
  @MethodSource("platforms")
  void aProfileThatIsWrittenDownIsTheSame(String name) {
    PlatformProfile profile = read(BuiltIn.platform(name, new UserHocon()));

    assertThat(PlatformProfile.of((ConfigObject) profile.toConfig())).isEqualTo(profile);
  }

  /** Each sum is that of costs that somebody published, in nanoseconds. */
  @Test
  void whatCallsAddUpToWasPublished() {
    VtdCosts skylake = vtd("xeon-skylake-vtd");
    VtdCosts icelake = vtd("xeon-icelake-vtd");

    assertThat(sum(skylake)).isBetween(Math.round(2127 / 3.1), 1236L).isEqualTo(1000);
    assertThat(sum(icelake)).isEqualTo(1060).isCloseTo(Math.round(2548 / 2.4), within(5L));
  }

  @Test
  void aSlopeKeepsItsPicoseconds() {
    Costs costs = read(BuiltIn.platform("kunpeng920-smmuv3", new UserHocon())).costs();

    assertThat(costs.pteWrite()).isEqualTo(new PerItem(2_700));
    assertThat(costs.pteWrite().ps(255)).isEqualTo(688_500);
  }

  private static long sum(VtdCosts unit) {
    return unit.queuePost() + unit.invalidatePages() + unit.invalidateWait() + unit.waitLatency();
  }

  private static VtdCosts vtd(String name) {
    return ((VtdSpec) read(BuiltIn.platform(name, new UserHocon())).unit()).costs();
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
        "costs.walk-read = { ns = -1, source = x }|costs.walk-read.ns: must be 0 to ",
        "costs.walk-read = { ns = 1.5, source = x }|costs.walk-read: must be whole nanoseconds, is"
            + " 1.5",
        "costs.walk-read = { ns = 1.2345, source = x }|costs.walk-read.ns: must have up to 3"
            + " decimals",
        "costs.walk-read = { ns = 5, low = 6, source = x }|costs.walk-read.low: 6 is above the"
            + " figure, 5",
        "costs.walk-read = { ns = 5, high = 4, source = x }|costs.walk-read.high: 4 is below the"
            + " figure, 5",
        "costs.walk-read = { ns = 5, low = x, source = x }|costs.walk-read.low: \"x\" is not a"
            + " time",
        "costs.walk-read = { ns = 1, source = \" \" }|costs.walk-read.source: must not be empty",
        "costs.walk-read { us = 1 }|costs.walk-read.us: a figure has ns, low and high, and source",
        "costs.walk-reed { ns = 1, source = x }|costs.walk-reed: no platform has such a figure; did"
            + " you mean walk-read?",
        "unit.kind = smmu|unit.kind: \"smmu\" is none of amd-vi, ipmmu, pseries, smmuv3,"
            + " virtio-iommu, vtd",
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
        "iotlb-ways = 3|unit.iotlb-entries: 128 is no multiple of unit.iotlb-ways, 3",
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
                    BuiltIn.platform("xeon-skylake-vtd", new UserHocon()).root(), overrides))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aUnitWithoutAWalkerIsRefused() {
    assertThatThrownBy(
            () ->
                read(
                    parsed("costs.walkers = { count = 0, source = x }")
                        .withFallback(without("costs.walkers"))))
        .hasMessageContaining("costs.walkers: must be 1 to 64, is 0");
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
            BuiltIn.platform("xeon-skylake-vtd", new UserHocon()).root(),
            Map.of("costs", costs, "unit", ConfigFactory.empty().root()));

    assertThat(profile.costs().walkRead()).isEqualTo(100);
    assertThat(profile.assumptions())
        .filteredOn(figure -> figure.key().equals("costs.walk-read"))
        .extracting(ProfileFigure::amountInRange, ProfileFigure::story)
        .containsExactly(tuple("100 ns", "set by the scenario"));
  }

  private static Config without(String figure) {
    return BuiltIn.platform("xeon-skylake-vtd", new UserHocon()).withoutPath(figure);
  }

  private static Config parsed(String text) {
    return ConfigFactory.parseString(text, ConfigParseOptions.defaults());
  }

  private static PlatformProfile read(Config profile) {
    ConfigObject none = ConfigFactory.empty().root();
    return PlatformProfile.read(profile.root(), Map.of("costs", none, "unit", none));
  }
}
