package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model answers to the operations of a file, key for key as the file writes it, and where
 * that is not what Linux answered. Not thread-safe.
 */
final class VectorAnswers {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Map<String, JsonNode> answers = new LinkedHashMap<>();
  private final Mismatches mismatches = new Mismatches();

  /** Begins the answers to an operation. */
  void begin() {
    answers.clear();
  }

  /** A number. */
  void number(String key, long value) {
    answers.put(key, LongNode.valueOf(value));
  }

  /** An unsigned number of 64 bits. */
  void unsigned(String key, long value) {
    answers.put(key, unsigned(value));
  }

  /** A list of numbers. */
  void numbers(String key, long... values) {
    ArrayNode list = JSON.arrayNode();
    for (long value : values) {
      list.add(unsigned(value));
    }
    answers.put(key, list);
  }

  /** Begins a list of rows, which {@link #row} continues. */
  void rows(String key) {
    answers.put(key, JSON.arrayNode());
  }

  /** A further row of a list. */
  void row(String key, long... values) {
    ArrayNode row = JSON.arrayNode();
    for (long value : values) {
      row.add(unsigned(value));
    }
    ((ArrayNode) answers.get(key)).add(row);
  }

  /** The DMA vectors of a list as rows of address and length. */
  void vectors(long[] pairs) {
    rows("dmaVectors");
    for (int i = 0; i < pairs.length; i += 2) {
      row("dmaVectors", pairs[i], pairs[i + 1]);
    }
  }

  private static JsonNode unsigned(long value) {
    return value >= 0
        ? LongNode.valueOf(value)
        : JSON.numberNode(new BigInteger(Long.toUnsignedString(value)));
  }

  /**
   * Compares the answers with those of a line; the first that differs is a mismatch.
   *
   * @param number of the line
   * @param keys all that an operation of this kind may be answered with
   * @return whether all are the same
   */
  boolean compare(VectorLine line, long number, List<String> keys) {
    for (String key : keys) {
      JsonNode expected = line.value(key).orElse(null);
      JsonNode got = answers.get(key);
      if (!text(expected).equals(text(got))) {
        mismatches.add(mismatch(number, key, expected, got));
        return false;
      }
    }
    return true;
  }

  /** Of two lists the first row that differs, else the values. */
  private static Mismatch mismatch(long line, String key, JsonNode expected, JsonNode got) {
    if (expected != null && got != null && expected.isArray() && got.isArray()) {
      int i = 0;
      while (text(expected.get(i)).equals(text(got.get(i)))) {
        i++;
      }
      return mismatch(line, key + "[" + i + "]", text(expected.get(i)), text(got.get(i)));
    }
    return mismatch(line, key, text(expected), text(got));
  }

  private static Mismatch mismatch(long line, String field, String expected, String got) {
    return new Mismatch(line, field, expected, got);
  }

  private static String text(JsonNode value) {
    return value == null ? "none" : value.toString();
  }

  /** The sums. */
  ConformanceResult result(long operations) {
    return mismatches.result(operations);
  }
}
