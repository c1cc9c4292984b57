package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import org.junit.jupiter.api.Test;

class ValidateCommandTest {
  private Ran ran;

  private int run(String... command) {
    ran = CommandLineFixture.mapstorm(command);
    return ran.code();
  }

  private String out() {
    return ran.out();
  }

  private String err() {
    return ran.err();
  }

  @Test
  void aRowIsShownWithBothFigures() {
    assertThat(run("validate", "--row", "v10")).isZero();

    assertThat(out())
        .contains("V10  Kunpeng 920, queue on another node")
        .contains("run by itself: mapstorm run validation/V1")
        .containsPattern("unmap, far less near +calibrated +0.310 +0.310 +1.00 +in");
  }

  @Test
  void aRowThatIsNotSimulatedSaysWhy() {
    assertThat(run("validate", "--row", "V38")).isZero();

    assertThat(out()).contains("not simulated (held-out): the network stack is not simulated");
  }

  @Test
  void anUnknownRowIsRefused() {
    assertThat(run("validate", "--row", "V99")).isEqualTo(ExitCode.USAGE);

    assertThat(err()).contains("--row V99: there is no such row");
  }

  @Test
  void figuresAreJsonWithTheirUse() {
    assertThat(run("validate", "--row", "V10", "--json")).isZero();

    assertThat(out()).contains("\"use\" : \"calibrated\"", "\"published\" : 0.31");
  }

  @Test
  void platformsAreListedWithWhatTheirFiguresRestOn() {
    assertThat(run("platforms")).isZero();

    assertThat(out().lines()).hasSize(10).anyMatch(line -> line.contains("grace-smmuv3"));
  }

  @Test
  void aFigureTellsItsStory() {
    assertThat(run("platforms", "kunpeng920-smmuv3", "--key", "pte-write")).isZero();

    assertThat(out())
        .contains("costs.pte-write of kunpeng920-smmuv3: 2.7 ns (2.3 to 3.1), derived")
        .contains("(0.8 - 0.1) us for 255 further entries");
  }

  @Test
  void anUnknownFigureIsRefused() {
    assertThat(run("platforms", "power-tce", "--key", "tlbi")).isEqualTo(ExitCode.USAGE);

    assertThat(err()).contains("--key tlbi: power-tce has no such figure");
  }
}
