package dev.mapstorm.load.export.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.load.export.timeline.DecodedTimeline.Point;
import dev.mapstorm.load.export.timeline.DecodedTimeline.Type;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Decodes JSON trace events and checks on the way what they must keep to. */
final class ChromeReader {
  private final Map<String, String> threads = new HashMap<>();
  private final Map<String, ArrayDeque<String>> openLanes = new HashMap<>();
  private final Set<Long> begunFlows = new HashSet<>();
  private final List<Point> points = new ArrayList<>();

  /** The timeline in the bytes of a trace. */
  static DecodedTimeline read(byte[] trace) {
    try {
      JsonNode file = new ObjectMapper().readTree(trace);
      assertThat(file.get("displayTimeUnit").asText()).isEqualTo("ns");
      ChromeReader reader = new ChromeReader();
      file.get("traceEvents").forEach(reader::event);
      DecodedTimeline timeline = new DecodedTimeline();
      reader.points.forEach(timeline::add);
      return timeline.understand();
    } catch (IOException e) {
      throw new AssertionError("not JSON", e);
    }
  }

  private void event(JsonNode event) {
    String thread = event.get("pid").asText() + "/" + event.get("tid").asText();
    String phase = event.get("ph").asText();
    switch (phase) {
      case "M" -> {
        if (event.get("name").asText().equals("thread_name")) {
          assertThat(threads.put(thread, event.at("/args/name").asText())).isNull();
        }
      }
      case "B" -> point(event, Type.BEGIN, thread, named(thread), event.get("name").asText());
      case "E" -> point(event, Type.END, thread, named(thread), "");
      case "i" -> point(event, Type.INSTANT, thread, named(thread), event.get("name").asText());
      case "b", "e", "n" -> lane(event, phase);
      case "s", "t", "f" -> flow(event, phase, thread);
      case "C" -> point(event, Type.COUNTER, "counter", event.get("name").asText(), "");
      default -> throw new AssertionError("phase " + phase);
    }
  }

  private String named(String thread) {
    assertThat(threads).containsKey(thread);
    return threads.get(thread);
  }

  private void lane(JsonNode event, String phase) {
    String id = event.get("cat").asText() + event.get("id").asText();
    String name = event.get("name").asText();
    ArrayDeque<String> open = openLanes.computeIfAbsent(id, key -> new ArrayDeque<>());
    switch (phase) {
      case "b" -> {
        boolean outermost = open.isEmpty();
        open.push(name);
        String shown = outermost ? event.at("/args/what").asText() : name;
        point(event, Type.BEGIN, id, open.peekLast(), shown);
      }
      case "e" -> {
        assertThat(open.peek()).as("name of the slice that ends").isEqualTo(name);
        point(event, Type.END, id, open.peekLast(), "");
        open.pop();
      }
      default -> point(event, Type.INSTANT, id, open.peekLast(), name);
    }
  }

  /** A flow event belongs to the slice that the event before it began. */
  private void flow(JsonNode event, String phase, String thread) {
    long id = event.get("id").asLong();
    Point last = points.remove(points.size() - 1);
    assertThat(last.type()).isEqualTo(Type.BEGIN);
    assertThat(last.track()).isEqualTo(thread);
    assertThat(last.t()).isEqualTo(time(event));
    assertThat(begunFlows.contains(id)).isEqualTo(!phase.equals("s"));
    begunFlows.add(id);
    boolean ends = phase.equals("f");
    assertThat(event.has("bp")).isEqualTo(ends);
    points.add(
        new Point(
            last.t(),
            last.type(),
            last.track(),
            last.trackName(),
            last.name(),
            last.arguments(),
            0,
            id,
            ends));
  }

  private void point(JsonNode event, Type type, String track, String trackName, String name) {
    Map<String, Object> arguments = new TreeMap<>();
    if (event.has("args") && type != Type.COUNTER) {
      event
          .get("args")
          .properties()
          .forEach(field -> arguments.put(field.getKey(), value(field.getValue())));
      arguments.remove("what");
    }
    long value = type == Type.COUNTER ? event.at("/args/value").asLong() : 0;
    points.add(new Point(time(event), type, track, trackName, name, arguments, value, 0, false));
  }

  private static Object value(JsonNode value) {
    if (value.isNumber()) {
      return value.asLong();
    }
    String text = value.asText();
    return text.startsWith("0x") ? (Object) Long.parseLong(text.substring(2), 16) : text;
  }

  private static long time(JsonNode event) {
    return new BigDecimal(event.get("ts").asText()).movePointRight(3).longValueExact();
  }
}
