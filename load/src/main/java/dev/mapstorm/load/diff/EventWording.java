package dev.mapstorm.load.diff;

import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Phyr;
import dev.mapstorm.protocol.event.ArgumentLabels;
import dev.mapstorm.protocol.event.Event;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An event as its kind and its named arguments, for people. What the journal keeps as the number of
 * a granule is told as an address, which is what commands take: {@code pfn} as {@code iova}, {@code
 * physPfn} as {@code phys}.
 */
public final class EventWording {
  private static final int MOST_RANGES = 4;

  /** What numbers of granules are called when they are told as addresses. */
  private static final Map<String, String> ADDRESSES = Map.of("pfn", "iova", "physPfn", "phys");

  private EventWording() {}

  /** The label of its kind, such as {@code iova-allocated}. */
  public static String kind(Event event) {
    return event.eventKind().label();
  }

  /**
   * Its arguments but the instant, by name and in order; codes as the labels that they stand for.
   */
  public static Map<String, String> arguments(Event event) {
    Map<String, String> arguments = new LinkedHashMap<>();
    values(event).forEach((name, value) -> arguments.put(name, text(value)));
    return arguments;
  }

  /**
   * The same for programs: numbers as numbers, a list of ranges whole, as the texts of its
   * elements.
   */
  static Map<String, Object> values(Event event) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      if (!component.getName().equals("t")) {
        values.put(name(component), told(event, component));
      }
    }
    return values;
  }

  /** All arguments on one line. */
  public static String line(Event event) {
    return arguments(event).entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining("  "));
  }

  /**
   * What makes two events different: the instant, the kind, or the names of arguments.
   *
   * @return in words; empty if nothing does
   */
  public static String difference(Event left, Event right) {
    if (!left.getClass().equals(right.getClass())) {
      return "another kind of event";
    }
    TreeSet<String> names = new TreeSet<>();
    for (RecordComponent component : left.getClass().getRecordComponents()) {
      if (!value(left, component).equals(value(right, component))) {
        names.add(name(component));
      }
    }
    return String.join(", ", names);
  }

  private static String name(RecordComponent component) {
    return ADDRESSES.getOrDefault(component.getName(), component.getName());
  }

  private static Object value(Event event, RecordComponent component) {
    try {
      return component.getAccessor().invoke(event);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(event + " does not tell its " + component.getName(), e);
    }
  }

  private static Object told(Event event, RecordComponent component) {
    Object value = value(event, component);
    if (value instanceof List<?> ranges) {
      return ranges.stream()
          .map(Phyr.class::cast)
          .map(each -> "0x%x+%d".formatted(each.start(), each.length()))
          .toList();
    }
    String name = component.getName();
    long number = ((Number) value).longValue();
    if (ArgumentLabels.isCode(name)) {
      return ArgumentLabels.label(name, (int) number, name.equals("instance") ? lockOf(event) : 0);
    }
    return ADDRESSES.containsKey(name) ? Units.address(number) : value;
  }

  private static int lockOf(Event event) {
    return event instanceof Event.LockUsed used ? used.lock() : ((Event.LockWaited) event).lock();
  }

  private static String text(Object value) {
    if (!(value instanceof List<?> ranges)) {
      return String.valueOf(value);
    }
    String shown =
        ranges.stream().limit(MOST_RANGES).map(String::valueOf).collect(Collectors.joining(","));
    int more = ranges.size() - MOST_RANGES;
    return more > 0 ? shown + ",… %d more".formatted(more) : shown;
  }
}
