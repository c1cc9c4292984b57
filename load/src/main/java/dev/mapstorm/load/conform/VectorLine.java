package dev.mapstorm.load.conform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A line of a file of recorded operations: a JSON object with what was asked, and what Linux
 * answered. What is not as it has to be is a {@link TextFormatException} with file and line.
 * Numbers are whole and not negative; those of 64 bits are unsigned.
 */
final class VectorLine {
  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private final TextLines lines;
  private final JsonNode node;

  private VectorLine(TextLines lines, JsonNode node) {
    this.lines = lines;
    this.node = node;
  }

  /** Reads the current line. */
  static VectorLine read(TextLines lines) {
    JsonNode node;
    try {
      node = JSON.readTree(lines.line());
    } catch (JsonProcessingException e) {
      String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
      throw lines.error("not JSON: " + problem);
    }
    if (!node.isObject()) {
      throw lines.error("not a JSON object: " + TextLines.excerpt(lines.line()));
    }
    return new VectorLine(lines, node);
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
    JsonNode value = required(key);
    if (!value.isTextual()) {
      throw lines.error("'" + key + "' is not a text: " + TextLines.excerpt(value.toString()));
    }
    return value.textValue();
  }

  /** True or false. */
  boolean flag(String key) {
    JsonNode value = required(key);
    if (!value.isBoolean()) {
      throw lines.error(
          "'" + key + "' is not true or false: " + TextLines.excerpt(value.toString()));
    }
    return value.booleanValue();
  }

  /** A number in a range. */
  long number(String key, long least, long most) {
    long value = number(required(key), key);
    if (Long.compareUnsigned(value, least) < 0 || Long.compareUnsigned(value, most) > 0) {
      throw lines.error(
          "'%s' must be %d to %d, is %s".formatted(key, least, most, Long.toUnsignedString(value)));
    }
    return value;
  }

  /** An unsigned number of 64 bits. */
  long unsigned(String key) {
    return number(required(key), key);
  }

  /** A list of numbers. */
  long[] numbers(String key) {
    JsonNode list = list(key);
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(list.get(i), key + "[" + i + "]");
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
        rows[i][j] = number(row.get(j), key + "[" + i + "][" + j + "]");
      }
    }
    return rows;
  }

  private JsonNode required(String key) {
    JsonNode value = node.get(key);
    if (value == null) {
      throw lines.error("'" + key + "' is missing");
    }
    return value;
  }

  private JsonNode list(String key) {
    JsonNode list = required(key);
    if (!list.isArray()) {
      throw lines.error("'" + key + "' is not a list");
    }
    return list;
  }

  private long number(JsonNode value, String name) {
    if (!value.isIntegralNumber()
        || value.bigIntegerValue().signum() < 0
        || value.bigIntegerValue().bitLength() > Long.SIZE) {
      throw lines.error(
          "'"
              + name
              + "' is not a whole number from 0 to 2^64-1: "
              + TextLines.excerpt(value.toString()));
    }
    return value.bigIntegerValue().longValue();
  }
}
