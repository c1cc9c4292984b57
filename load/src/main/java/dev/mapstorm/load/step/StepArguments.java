package dev.mapstorm.load.step;

import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.scenario.Quantity;
import java.util.List;

/**
 * What stands behind a command. Its methods throw a {@link StepException} where a word is none of
 * what they read.
 *
 * @param command that it belongs to
 * @param words without blanks
 */
record StepArguments(StepCommand command, List<String> words) {
  StepArguments {
    words = List.copyOf(words);
  }

  /** How many words. */
  int size() {
    return words.size();
  }

  /** A word; empty if there are fewer. */
  String word(int index) {
    return index < words.size() ? words.get(index) : "";
  }

  /** Checks that there are no more words than the command takes. */
  void atMost(int most) {
    if (words.size() > most) {
      throw usage();
    }
  }

  /** Says how the command is used. */
  StepException usage() {
    return new StepException("usage: " + command.usage());
  }

  /** A word as a number within bounds. */
  long number(int index, long least, long most) {
    return number(words.get(index), least, most);
  }

  /** The same of any text. */
  static long number(String text, long least, long most) {
    try {
      long number = text.matches("\\d+") ? Long.parseLong(text) : least - 1;
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Digits, but too many of them: no more within bounds than other numbers above.
    }
    throw new StepException("%s: must be a number from %d to %d".formatted(text, least, most));
  }

  /** A word as an address, of which the number of its granule is returned. */
  long granule(int index) {
    try {
      return RunNames.granule(words.get(index));
    } catch (IllegalArgumentException e) {
      throw new StepException(e.getMessage());
    }
  }

  /** A word as an instant, in nanoseconds. */
  long instant(int index) {
    try {
      return Quantity.TIME.parse(words.get(index));
    } catch (IllegalArgumentException e) {
      throw new StepException(e.getMessage());
    }
  }
}
