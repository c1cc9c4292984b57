package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/JOURNAL.md} is what other tools are written from, so its tables say what the code
 * says.
 */
class JournalDocumentTest {
  private static final Path PAGE = Path.of("..", "docs", "JOURNAL.md");

  @Test
  void theTableOfKindsIsThatOfTheCode() throws IOException {
    List<String> rows = Arrays.stream(EventKind.values()).map(JournalDocumentTest::row).toList();

    assertThat(table("## Kinds", 4)).containsExactlyElementsOf(rows);
  }

  @Test
  void theTableOfCodesIsThatOfTheEnums() throws IOException {
    assertThat(table("## Codes", 2))
        .containsExactly(
            codes("direction", Direction.values(), Direction::label),
            codes("api", MapApi.values(), MapApi::label),
            codes("source", IovaSource.values(), IovaSource::label),
            codes("destination", IovaDestination.values(), IovaDestination::label),
            codes("error", DmaError.values(), DmaError::label),
            codes("lock", LockClass.values(), LockClass::label),
            codes("kind", InvalidationKind.values(), InvalidationKind::label),
            codes("reason", FlushReason.values(), FlushReason::label));
  }

  private static String row(EventKind kind) {
    List<Column> columns = kind.columns();
    String arguments =
        columns.stream().map(column -> argument(column, columns)).collect(Collectors.joining(" "));
    return "| %d | `%s` | %s | `%s`%s"
        .formatted(
            kind.code(),
            kind.label(),
            kind.isRequest() ? "request" : "outcome",
            arguments,
            kind == EventKind.DMA_REQUESTED ? " and the list" : "");
  }

  private static String argument(Column column, List<Column> columns) {
    String key = columns.get(column.key()).name();
    return switch (column.mode()) {
      case PLAIN -> column.name();
      case DELTA -> column.name() + "~" + key;
      case PREDICTED -> column.name() + "?" + key;
    };
  }

  @Test
  void everyArgumentWithCodesHasTheirLabels() throws IOException {
    for (String row : table("## Codes", 2)) {
      String argument = row.replaceFirst("^\\| `(\\w+)`.*", "$1");
      String first = row.replaceFirst("^[^|]*\\|[^|]*\\| 0 ([^,]*).*", "$1");
      assertThat(ArgumentLabels.isCode(argument)).as(argument).isTrue();
      assertThat(ArgumentLabels.label(argument, 0, 0)).isEqualTo(first);
    }
  }

  private static <E extends Enum<E>> String codes(
      String argument, E[] constants, Function<E, String> label) {
    return "| `%s` | %s"
        .formatted(
            argument,
            Arrays.stream(constants)
                .map(constant -> constant.ordinal() + " " + label.apply(constant))
                .collect(Collectors.joining(", ")));
  }

  /** The rows of the first table under a heading, without its head, cut to their first cells. */
  private static List<String> table(String heading, int cells) throws IOException {
    List<String> rows = new ArrayList<>();
    boolean under = false;
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("## ")) {
        under = line.equals(heading);
      } else if (under && line.startsWith("|")) {
        rows.add(cut(line, cells));
      }
    }
    assertThat(rows).as("table under %s", heading).hasSizeGreaterThan(2);
    return rows.subList(2, rows.size());
  }

  private static String cut(String row, int cells) {
    String[] parts = row.substring(1).split(" \\|");
    return "|" + String.join(" |", Arrays.copyOf(parts, Math.min(cells, parts.length)));
  }
}
