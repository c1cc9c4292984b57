package dev.mapstorm.load.conform;

import java.util.List;

/**
 * An operation of a vector file where the model's answer is not the recorded one.
 *
 * @param line number of its line in the file, from 1
 * @param field what differs first, with the index where it is a list; or the operation itself where
 *     its answer is compared as a whole
 * @param expected what the file says
 * @param got what the model says
 * @param before the lines before it, oldest first, where the answer depends on them
 */
public record Mismatch(long line, String field, String expected, String got, List<String> before) {
  /** With a copy of the list. */
  public Mismatch {
    before = List.copyOf(before);
  }

  /** Of an operation that stands alone. */
  public Mismatch(long line, String field, String expected, String got) {
    this(line, field, expected, got, List.of());
  }

  /** One line for a report, without the lines before it. */
  @Override
  public String toString() {
    return "line " + line + ": " + field + ": expected " + expected + ", got " + got;
  }
}
