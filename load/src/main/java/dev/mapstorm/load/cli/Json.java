package dev.mapstorm.load.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.mapstorm.persistence.report.AnalysisResult;
import dev.mapstorm.persistence.text.PrintableText;
import java.util.Collection;
import java.util.Map;

/** Results as JSON, indented; records become objects with the names of their components. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .registerModule(new Jdk8Module())
          .addMixIn(AnalysisResult.class, ByName.class)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  /** What analyses found is an object with a field for each. */
  private interface ByName {
    @JsonValue
    Map<String, Object> byName();
  }

  /** Prints one value and nothing else. */
  static void print(Console console, Object value) {
    console.json(text(value));
  }

  /** Prints a record with more fields in front, those that are not empty lists. */
  static void print(Console console, Map<String, Object> first, Object value) {
    ObjectNode object = MAPPER.createObjectNode();
    first.forEach(
        (field, content) -> {
          if (!(content instanceof Collection<?> list && list.isEmpty())) {
            object.set(field, MAPPER.valueToTree(content));
          }
        });
    object.setAll((ObjectNode) MAPPER.valueToTree(value));
    print(console, object);
  }

  /** Prints one value on a line of its own. */
  static void printLine(Console console, Object value) {
    try {
      console.json(
          PrintableText.escaped(
              MAPPER
                  .writer()
                  .without(SerializationFeature.INDENT_OUTPUT)
                  .writeValueAsString(value)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result cannot be written as JSON", e);
    }
  }

  /** The text of a value: all of it, with nothing in it that a terminal would obey. */
  static String text(Object value) {
    try {
      return PrintableText.escaped(MAPPER.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result cannot be written as JSON", e);
    }
  }
}
