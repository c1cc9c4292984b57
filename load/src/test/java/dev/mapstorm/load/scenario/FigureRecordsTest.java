package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.spec.PerByte;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FigureRecordsTest {
  record Costs(long alloc, PerByte copy) {}

  record Unit(int entries, Costs costs) {}

  private static FigureRecords section(String name, String text) {
    Settings profile = Settings.named(ConfigFactory.parseString(text).root(), "platform");
    return new FigureRecords(name, profile, ConfigFactory.empty().root(), Set.of());
  }

  @Test
  void costsOfAUnitAreReadFromTheSectionOfCosts() {
    String text =
        """
        costs { alloc { ns = 30, source = x }, copy { ps-per-byte = 125, assumption = y } }
        unit { entries { count = 64, source = z } }
        """;
    FigureRecords costs = section("costs", text);
    FigureRecords unit = section("unit", text);

    assertThat(unit.fill(Unit.class, costs))
        .isEqualTo(new Unit(64, new Costs(30, new PerByte(125))));
    assertThat(costs.figures())
        .extracting(ProfileFigure::amount)
        .containsExactly("30 ns", "125 ps/byte");
    assertThat(unit.figures()).extracting(ProfileFigure::key).containsExactly("unit.entries");
  }

  @Test
  void aCostByBytesIsNoTime() {
    FigureRecords costs =
        section("costs", "costs { alloc { ns = 1, source = x }, copy { ns = 3, source = y } }");

    assertThatThrownBy(() -> costs.fill(Costs.class))
        .hasMessageContaining("costs.copy.ns: a figure has ps-per-byte, low and high");
  }

  @Test
  void aPartOfANanosecondIsAWholeOne() {
    assertThat(new PerByte(125).ns(8)).isEqualTo(1);
    assertThat(new PerByte(125).ns(9)).isEqualTo(2);
    assertThat(new PerByte(0).ns(1 << 30)).isZero();
  }
}
