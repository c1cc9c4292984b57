package dev.mapstorm.load.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A trace line that mail or a terminal wrapped, while its parts come in. Mail wraps at blanks, a
 * terminal at its last column. Not thread safe.
 */
final class WrappedLine {
  /** A list of 128 physical addresses at 80 columns has some 60 lines. */
  private static final int MOST_PARTS = 100;

  private final List<String> parts = new ArrayList<>();
  private long number;
  private String reason = "";

  /** Begins with a line that does not hold all of its event, for this reason. */
  void begin(String line, long number, String reason) {
    parts.clear();
    parts.add(line);
    this.number = number;
    this.reason = reason;
  }

  /** Whether an event is unfinished. */
  boolean isOpen() {
    return !parts.isEmpty();
  }

  /** Whether no event has this many parts. */
  boolean isTooLong() {
    return parts.size() >= MOST_PARTS;
  }

  /** Line of the file in which it begins. */
  long number() {
    return number;
  }

  /** Lines so far. */
  int parts() {
    return parts.size();
  }

  /** Why the first line alone is no event. */
  String reason() {
    return reason;
  }

  /**
   * Adds a line; answers what the whole may be, the likeliest first: numbers that are put together
   * without their blank seldom fit an event, those cut in two often do.
   */
  List<String> with(String part) {
    parts.add(part);
    return List.of(
        String.join("", parts),
        atTheLastColumn(),
        parts.stream().map(String::strip).collect(Collectors.joining(" ")));
  }

  /** As a terminal wraps, whose text has lost the blanks at the ends of its lines. */
  private String atTheLastColumn() {
    int columns = parts.stream().mapToInt(String::length).max().orElse(0);
    StringBuilder whole = new StringBuilder();
    for (String part : parts) {
      whole.append(part);
      if (part.length() < columns) {
        whole.append(' ');
      }
    }
    return whole.toString().stripTrailing();
  }

  /** Forgets the event. */
  void close() {
    parts.clear();
  }
}
