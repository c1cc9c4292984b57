package dev.mapstorm.load.conform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A JSON object of a file that has one on each line, or an object inside it. What is not as it has
 * to be is a {@link TextFormatException} that names the file, the line and the key.
 */
public final class JsonLine {
  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private final TextLines lines;
  private final String path;
  private final JsonNode node;

  private JsonLine(TextLines lines, String path, JsonNode node) {
    this.lines = lines;
    this.path = path;
    this.node = node;
  }

  /** Reads the current line. */
  public static JsonLine read(TextLines lines) {
    return of(lines, parse(lines));
  }

  /** An object that was read from the current line. */
  static JsonLine of(TextLines lines, JsonNode node) {
    return new JsonLine(lines, "", node);
  }

  /** The object that the current line is. */
  static JsonNode parse(TextLines lines) {
    JsonNode node;
    try {
      node = JSON.readTree(lines.line());
    } catch (JsonProcessingException e) {
      String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
      throw lines.error("not JSON: " + problem);
    }
    if (node == null || !node.isObject()) {
      throw lines.error("not a JSON object: " + TextLines.excerpt(lines.line()));
    }
    return node;
  }

  /** Refuses keys that are none of these. */
  public JsonLine only(String... keys) {
    List<String> known = Arrays.asList(keys);
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw lines.error(
            "unknown key "
                + TextLines.excerpt(path + name)
                + "; known here: "
                + String.join(", ", known));
      }
    }
    return this;
  }

  /** Whether it has a key. */
  public boolean has(String key) {
    return node.has(key);
  }

  /** What {@code key} holds. */
  public JsonNode value(String key) {
    JsonNode value = node.get(key);
    if (value == null) {
      throw lines.error("'" + path + key + "' is missing");
    }
    return value;
  }

  /** The object that {@code key} holds. */
  public JsonLine object(String key) {
    JsonNode value = value(key);
    if (!value.isObject()) {
      throw error(key, "not an object", value);
    }
    return new JsonLine(lines, path + key + ".", value);
  }

  /** An element of a list, which must be an object. */
  JsonLine element(JsonNode value, String name) {
    if (!value.isObject()) {
      throw error(name, "not an object", value);
    }
    return new JsonLine(lines, path + name + ".", value);
  }

  /** The text that {@code key} holds. */
  public String text(String key) {
    JsonNode value = value(key);
    if (!value.isTextual()) {
      throw error(key, "not a text", value);
    }
    return value.textValue();
  }

  /** The true or false that {@code key} holds. */
  public boolean bool(String key) {
    JsonNode value = value(key);
    if (!value.isBoolean()) {
      throw error(key, "not true or false", value);
    }
    return value.booleanValue();
  }

  /** A whole number in a range. */
  public long number(String key, long min, long max) {
    return number(value(key), key, min, max);
  }

  /** As {@link #number(String, long, long)}, of 32 bits. */
  public int integer(String key, int min, int max) {
    return (int) number(key, min, max);
  }

  /** A number of up to 64 unsigned bits. */
  public long unsigned(String key) {
    return unsigned(value(key), key);
  }

  /** The list that {@code key} holds, of at most {@code max} elements. */
  public JsonNode list(String key, int max) {
    return list(value(key), key, max);
  }

  /** An element of a list, which must be a list itself. */
  public JsonNode list(JsonNode value, String name, int max) {
    if (!value.isArray()) {
      throw error(name, "not a list", value);
    }
    if (value.size() > max) {
      throw lines.error(
          "'" + path + name + "' has " + value.size() + " elements, more than " + max);
    }
    return value;
  }

  /** A list of exactly {@code size} elements. */
  public JsonNode row(JsonNode value, String name, int size) {
    if (!value.isArray() || value.size() != size) {
      throw error(name, "not a list of " + size, value);
    }
    return value;
  }

  /** A whole number in a range, called {@code name} in errors. */
  public long number(JsonNode value, String name, long min, long max) {
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw error(name, "not a whole number from " + min + " to " + max, value);
    }
    return value.longValue();
  }

  /** As {@link #number(JsonNode, String, long, long)}, of 32 bits. */
  public int integer(JsonNode value, String name, int min, int max) {
    return (int) number(value, name, min, max);
  }

  /** A number of up to 64 unsigned bits, called {@code name} in errors. */
  public long unsigned(JsonNode value, String name) {
    if (value.isIntegralNumber()) {
      BigInteger number = value.bigIntegerValue();
      if (number.signum() >= 0 && number.bitLength() <= Long.SIZE) {
        return number.longValue();
      }
    }
    throw error(name, "not a whole number from 0 to 2^64-1", value);
  }

  /** A text, called {@code name} in errors. */
  public String text(JsonNode value, String name) {
    if (!value.isTextual()) {
      throw error(name, "not a text", value);
    }
    return value.textValue();
  }

  /** {@code key} is not what it has to be. */
  public TextFormatException error(String key, String what, JsonNode value) {
    return lines.error(
        "'" + path + key + "' is " + what + ": " + TextLines.excerpt(value.toString()));
  }
}
