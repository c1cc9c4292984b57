package dev.mapstorm.load.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

/** Results as JSON, indented; records become objects with the names of their components. */
final class Json {
  private Json() {}

  /** Prints one value and nothing else. */
  static void print(Console console, Object value) {
    console.print(text(value));
  }

  /** The text of a value. */
  static String text(Object value) {
    try {
      return new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result cannot be written as JSON", e);
    }
  }
}
