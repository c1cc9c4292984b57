package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.Event;
import java.util.Map;

/**
 * An event for JSON.
 *
 * @param event its number in the stream
 * @param kind label of its kind
 * @param t its instant in nanoseconds
 * @param arguments as {@link EventWording} words them, but numbers as numbers and lists whole
 */
public record EventJson(long event, String kind, long t, Map<String, Object> arguments) {
  /** An event of a stream. */
  public static EventJson of(NumberedEvent numbered) {
    Event event = numbered.event();
    return new EventJson(
        numbered.number(), EventWording.kind(event), event.t(), EventWording.values(event));
  }
}
