package dev.mapstorm.load.conform;

/**
 * An operation of a vector file where the model's answer is not the recorded one.
 *
 * @param line number of its line in the file, from 1
 * @param field what differs first, with the index where it is a list
 * @param expected what the file says
 * @param got what the model says
 */
public record Mismatch(long line, String field, String expected, String got) {
  /** One line for a report. */
  @Override
  public String toString() {
    return "line " + line + ": " + field + ": expected " + expected + ", got " + got;
  }
}
