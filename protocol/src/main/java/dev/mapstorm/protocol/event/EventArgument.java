package dev.mapstorm.protocol.event;

import java.util.Arrays;
import java.util.List;

/**
 * An argument of events by its name, as {@link EventKind#columns()} has it, for what selects or
 * sums up events and should not have to know every kind. Immutable.
 */
public final class EventArgument {
  /** What {@link #column} says of a kind that does not have it. */
  static final int MISSING = -1;

  private final String name;

  /** Its column, by the kind's code. */
  private final int[] columns = new int[EventKind.CODES];

  private EventArgument(String name) {
    this.name = name;
    Arrays.fill(columns, MISSING);
  }

  /**
   * The argument of this name.
   *
   * @throws IllegalArgumentException if no kind of event has it
   */
  public static EventArgument named(String name) {
    EventArgument argument = new EventArgument(name);
    for (EventKind kind : EventKind.values()) {
      List<String> names = kind.columns().stream().map(Column::name).toList();
      argument.columns[kind.code()] = names.indexOf(name);
    }
    if (Arrays.stream(argument.columns).allMatch(column -> column == MISSING)) {
      throw new IllegalArgumentException("no kind of event has the argument " + name);
    }
    return argument;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Whether events of a kind have it. */
  public boolean isOf(EventKind kind) {
    return columns[kind.code()] != MISSING;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventArgument argument && name.equals(argument.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** Its column in the kind with this code, or {@link #MISSING}. */
  int column(int code) {
    return columns[code];
  }
}
