package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.load.scenario.Quantity;
import java.time.Duration;
import java.util.function.Function;

/**
 * What options of several commands are given, as values. What cannot be one ends the command with a
 * line that says so.
 */
final class OptionValues {
  static final int PORT_MAX = 65_535;

  private OptionValues() {}

  /**
   * A part of a run, as {@link dev.mapstorm.load.run.RunNames} reads it.
   *
   * @param option such as {@code --iova}
   * @param parser throws an {@link IllegalArgumentException} whose message begins with the text
   */
  static <T> T named(String option, String text, Function<String, T> parser) {
    return parsed(option + " ", text, parser);
  }

  /** A figure with a unit, in the base unit. */
  static long quantity(String option, String text, Quantity quantity) {
    return parsed(option + ": ", text, quantity::parse);
  }

  /** A time that people wait. */
  static Duration age(String option, String text) {
    return Duration.ofNanos(quantity(option, text, Quantity.AGE));
  }

  /** Checks that a number is no lower than {@code least}. */
  static void atLeast(long least, String option, long given) {
    if (given < least) {
      throw new CommandException(
          ExitCode.USAGE, "%s %d: must be at least %d".formatted(option, given, least));
    }
  }

  /** Checks that a number is {@code least} to {@code most}. */
  static void within(long least, long most, String option, long given) {
    if (given < least || given > most) {
      throw new CommandException(
          ExitCode.USAGE, "%s %d: must be %d to %d".formatted(option, given, least, most));
    }
  }

  /** Checks the number of threads that simulate. */
  static void lanes(long given) {
    within(1, Lanes.MAX, "--lanes", given);
  }

  /** Checks that a number can be a port; 0 lets the system find a free one. */
  static void port(String option, long given) {
    if (given < 0 || given > PORT_MAX) {
      throw new CommandException(
          ExitCode.USAGE, "%s %d: a port is 0 to %d".formatted(option, given, PORT_MAX));
    }
  }

  private static <T> T parsed(String named, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, named + e.getMessage());
    }
  }
}
