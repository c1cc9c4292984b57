package dev.mapstorm.persistence.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TextTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 ns",
    "999, 999 ns",
    "1000, 1.00 us",
    "12345, 12.3 us",
    "999499, 999 us",
    "999500, 1.00 ms",
    "4560000, 4.56 ms",
    "78900000000, 78.9 s",
    "3600000000000, 3600 s",
    "-1500, -1.50 us"
  })
  void shouldShowTimesWithAUnit(long ns, String text) {
    assertThat(Units.time(ns)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "4096, 4.00 KiB",
    "131072, 128 KiB",
    "1048575, 1.00 MiB",
    "1610612736, 1.50 GiB"
  })
  void shouldShowBytesInPowersOf1024(long bytes, String text) {
    assertThat(Units.bytes(bytes)).isEqualTo(text);
  }

  @Test
  void shouldShowCountsSharesAndInstants() {
    assertThat(Units.count(950)).isEqualTo("950");
    assertThat(Units.count(12_345_678)).isEqualTo("12.3M");
    assertThat(Units.percent(1, 3)).isEqualTo("33.3 %");
    assertThat(Units.percent(1, 0)).isEqualTo("-");
    assertThat(Units.ratio(7, 4)).isEqualTo("1.75");
    assertThat(Units.picoseconds(96_800)).isEqualTo("96.8 ns");
    assertThat(Units.picoseconds(1_250_000)).isEqualTo("1.25 us");
    assertThat(Units.instant(1_000_000_042L)).isEqualTo("1.000000042 s");
    assertThat(Units.address(0xfffff)).isEqualTo("0xfffff000");
  }

  @Test
  void shouldAlignColumns() {
    TextTable table = new TextTable("name", ">n").row("a", 5).row("longer", 12345);
    assertThat(table.toString())
        .isEqualTo(
            """
              name        n
              a           5
              longer  12345
            """);
    assertThatThrownBy(() -> table.row("one"))
        .hasMessage("a row of 1 cells in a table of 2 columns");
  }

  @ParameterizedTest
  @EnumSource(IommuMode.class)
  void shouldShowAStateWithinTheTerminal(IommuMode mode) {
    Runs run = Runs.nvme().mode(mode).api(MapApi.SG).pages(16, 4, 0).clients(3);
    HostFold fold = new HostFold(List.of(run.iova()));
    run.feed(fold);
    String text = StateText.of(fold.state(), 5);
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
    assertThat(text).contains("domain 0:", "requests in flight: 24", "... and ");
    assertThat(text).doesNotContain("rules broken");
  }

  @Test
  void shouldShowWhichRulesAreBroken() {
    HostFold fold = new HostFold(List.of());
    new Script(fold).at(1_000).freed(0, 0x10, 1);
    assertThat(StateText.of(fold.state(), 5))
        .contains(
            "rules broken: 1",
            "event 1 at 0.000001000 s: domain 0: 1 granules at pfn 0x10 were freed without being");
  }
}
