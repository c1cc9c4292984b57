package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code docs/JOURNAL.md} is what other tools are written from, so its tables say what the code
 * says.
 */
class JournalDocumentTest {
  private static final Path PAGE = Path.of("..", "docs", "JOURNAL.md");

  /** All cells of a row. */
  private static final int WHOLE = Integer.MAX_VALUE;

  /**
   * Whoever changes an event writes the tables anew with {@code mvn -pl protocol test
   * -Dtest=JournalDocumentTest -Dmapstorm.docs=write}.
   */
  @ParameterizedTest
  @CsvSource({"## Kinds, kinds.md", "## Arguments, arguments.md"})
  void theTablesAreThoseOfTheDeclaration(String heading, String resource) throws IOException {
    List<String> declared = resource(resource);
    if (System.getProperty("mapstorm.docs", "").equals("write")) {
      write(heading, declared);
    }

    assertThat(table(heading, WHOLE))
        .containsExactlyElementsOf(declared.subList(2, declared.size()));
  }

  private static List<String> resource(String name) throws IOException {
    try (InputStream in = EventKind.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static void write(String heading, List<String> declared) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(PAGE));
    int from = lines.indexOf(heading);
    while (!lines.get(from).startsWith("|")) {
      from++;
    }
    while (lines.get(from).startsWith("|")) {
      lines.remove(from);
    }
    lines.addAll(from, declared);
    Files.write(PAGE, lines);
  }

  @Test
  void theTableOfCodesIsThatOfTheEnums() throws IOException {
    assertThat(table("## Codes", 2))
        .containsExactly(
            codes("direction", Direction.values(), Direction::label),
            codes("api", MapApi.values(), MapApi::label),
            codes("what", CallKind.values(), CallKind::label),
            codes("source", IovaSource.values(), IovaSource::label),
            codes("destination", IovaDestination.values(), IovaDestination::label),
            codes("error", DmaError.values(), DmaError::label),
            codes("lock", LockClass.values(), LockClass::label),
            codes("kind", InvalidationKind.values(), InvalidationKind::label),
            codes("timeout", InvalidationTimeout.values(), InvalidationTimeout::label),
            codes("reason", FlushReason.values(), FlushReason::label),
            codes("result", BounceResult.values(), BounceResult::label));
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
    if (cells == WHOLE) {
      return row;
    }
    String[] parts = row.substring(1).split(" \\|");
    return "|" + String.join(" |", Arrays.copyOf(parts, Math.min(cells, parts.length)));
  }
}
