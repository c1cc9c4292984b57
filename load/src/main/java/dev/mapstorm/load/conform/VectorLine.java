package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A line of a file of recorded operations: a JSON object with what was asked, and what Linux
 * answered. What is not as it has to be is a {@link TextFormatException} with file and line.
 * Numbers are whole and not negative; those of 64 bits are unsigned.
 */
final class VectorLine {
  private final TextLines lines;
  private final JsonNode node;
  private final JsonLine line;

  private VectorLine(TextLines lines, JsonNode node) {
    this.lines = lines;
    this.node = node;
    line = JsonLine.of(lines, node);
  }

  /** Reads the current line. */
  static VectorLine read(TextLines lines) {
    return new VectorLine(lines, JsonLine.parse(lines));
  }

  /**
   * Reads a file: a head, then operations.
   *
   * @param head hears the first line
   * @param operation hears each other line
   * @return how many operations there were
   * @throws TextFormatException if there is none, or what an {@link IllegalArgumentException} of
   *     theirs says
   */
  static long readAll(TextLines lines, Consumer<VectorLine> head, Consumer<VectorLine> operation) {
    if (!lines.advance()) {
      throw new TextFormatException(lines.name() + ": is empty");
    }
    head.accept(read(lines));
    long operations = 0;
    while (lines.advance()) {
      try {
        operation.accept(read(lines));
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
      operations++;
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return operations;
  }

  /**
   * Refuses a line that lacks a key, or has another one.
   *
   * @param required keys that it must have
   * @param optional keys that it may have
   */
  void requireKeys(List<String> required, Set<String> optional) {
    for (String key : required) {
      if (!node.has(key)) {
        throw lines.error("'" + key + "' is missing");
      }
    }
    for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (!required.contains(key) && !optional.contains(key)) {
        throw lines.error("unknown key " + TextLines.excerpt(key));
      }
    }
  }

  /** Whether it has a key. */
  boolean has(String key) {
    return node.has(key);
  }

  /** The value of a key as the line has it, without spaces. */
  Optional<JsonNode> value(String key) {
    return Optional.ofNullable(node.get(key));
  }

  /** A text. */
  String text(String key) {
    return line.text(key);
  }

  /** True or false. */
  boolean flag(String key) {
    return line.bool(key);
  }

  /** A number in a range. */
  long number(String key, long least, long most) {
    long value = line.unsigned(key);
    if (Long.compareUnsigned(value, least) < 0 || Long.compareUnsigned(value, most) > 0) {
      throw lines.error(
          "'%s' must be %d to %d, is %s".formatted(key, least, most, Long.toUnsignedString(value)));
    }
    return value;
  }

  /** An unsigned number of 64 bits. */
  long unsigned(String key) {
    return line.unsigned(key);
  }

  /** A list of numbers. */
  long[] numbers(String key) {
    JsonNode list = list(key);
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = line.unsigned(list.get(i), key + "[" + i + "]");
    }
    return numbers;
  }

  /** A list of lists of {@code columns} numbers. */
  long[][] rows(String key, int columns) {
    JsonNode list = list(key);
    long[][] rows = new long[list.size()][columns];
    for (int i = 0; i < rows.length; i++) {
      JsonNode row = list.get(i);
      if (!row.isArray() || row.size() != columns) {
        throw lines.error(key + "[" + i + "] is not a list of " + columns + " numbers");
      }
      for (int j = 0; j < columns; j++) {
        rows[i][j] = line.unsigned(row.get(j), key + "[" + i + "][" + j + "]");
      }
    }
    return rows;
  }

  private JsonNode list(String key) {
    JsonNode list = line.value(key);
    if (!list.isArray()) {
      throw lines.error("'" + key + "' is not a list");
    }
    return list;
  }
}
