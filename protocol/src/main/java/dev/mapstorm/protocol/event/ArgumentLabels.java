package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;

/** What the codes in the arguments of events stand for, by the name of the argument. */
public final class ArgumentLabels {
  private ArgumentLabels() {}

  /** Whether the argument of this name is a code and not a number. */
  public static boolean isCode(String argument) {
    return switch (argument) {
      case "direction",
          "api",
          "source",
          "destination",
          "error",
          "lock",
          "instance",
          "kind",
          "reason" ->
          true;
      default -> false;
    };
  }

  /**
   * The label of a code.
   *
   * @param argument one that {@link #isCode} knows
   * @param lock code of the event's {@code lock} where the argument is its {@code instance}, else
   *     of no meaning
   * @throws IllegalArgumentException if there is no such argument or code
   */
  public static String label(String argument, int code, int lock) {
    return switch (argument) {
      case "direction" -> Direction.of(code).label();
      case "api" -> MapApi.of(code).label();
      case "source" -> IovaSource.of(code).label();
      case "destination" -> IovaDestination.of(code).label();
      case "error" -> DmaError.of(code).label();
      case "lock" -> LockClass.of(code).label();
      case "instance" -> LockClass.of(lock).describe(code);
      case "kind" -> InvalidationKind.of(code).label();
      case "reason" -> FlushReason.of(code).label();
      default -> throw new IllegalArgumentException(argument + " is no code");
    };
  }
}
