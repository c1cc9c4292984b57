package dev.mapstorm.load.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PublishedRowsTest {
  private final List<PublishedRow> rows = PublishedRows.all();

  @Test
  void noneOfTheSeventyOneIsLeftOut() {
    assertThat(rows.stream().map(row -> row.id().replaceAll("[a-z]$", "")).distinct())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 71).mapToObj(number -> "V" + number).toList());
  }

  @Test
  void aRowHasABandAndAReasonOrSaysWhyItIsNotSimulated() {
    for (PublishedRow row : rows) {
      assertThat(row.source()).as(row.id()).isNotBlank();
      if (row.notSimulated() == null) {
        assertThat(row.band()).as(row.id()).isBetween(3.0, 35.0);
        assertThat(row.why()).as(row.id()).isNotBlank();
        assertThat(row.cells()).as(row.id()).isNotEmpty();
      } else {
        assertThat(row.notSimulated()).as(row.id()).isNotBlank();
        assertThat(row.use()).as(row.id()).isNotNull();
      }
    }
  }

  @Test
  void everyExperimentOfARowIsAScenario() {
    for (PublishedRow row : rows) {
      row.cells().stream()
          .flatMap(cell -> Stream.of(cell.set(), cell.less(), cell.over()))
          .filter(Objects::nonNull)
          .distinct()
          .forEach(
              set ->
                  assertThatCode(
                          () -> {
                            ScenarioLoader loader = new ScenarioLoader("test");
                            set.forEach(loader::set);
                            loader.load(row.scenario());
                          })
                      .as("%s %s", row.id(), set)
                      .doesNotThrowAnyException());
    }
  }

  private static PublishedCell cell(double published, Figure figure, List<String> over) {
    return new PublishedCell(
        CellUse.HELD_OUT, "a figure", figure, published, List.of("duration=200us"), null, over);
  }

  private static PublishedRow row(double slack, PublishedCell... cells) {
    return new PublishedRow(
        "V0",
        "t",
        "s",
        "s",
        "validation/V1",
        "us",
        10,
        slack,
        "w",
        null,
        List.of(cells),
        null,
        null);
  }

  @Test
  void aFigureIsInItsBandOrMissesIt() {
    double simulated = run(row(0, cell(1, Figure.UNMAP, null))).cells().get(0).simulated();

    assertThat(simulated).as("788 ns, see the profile").isBetween(0.7, 0.9);
    assertThat(inBand(row(0, cell(simulated * 1.05, Figure.UNMAP, null)))).isTrue();
    assertThat(inBand(row(0, cell(simulated * 1.20, Figure.UNMAP, null)))).isFalse();
    assertThat(inBand(row(0.2, cell(simulated * 1.20, Figure.UNMAP, null)))).isTrue();
    assertThat(inBand(row(0, cell(1, Figure.UNMAP, List.of("duration=200us"))))).isTrue();
    assertThat(inBand(row(0, cell(1.2, Figure.UNMAP, List.of("duration=200us"))))).isFalse();
  }

  private static boolean inBand(PublishedRow row) {
    return run(row).inBand(CellUse.HELD_OUT);
  }

  private static RowResult run(PublishedRow row) {
    return new Experiments("test", () -> false).run(row);
  }
}
