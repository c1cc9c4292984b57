package dev.mapstorm.load.calibrate;

import java.util.List;

/**
 * The text of a file of measurements.
 *
 * @param name what messages call it
 * @param lines of it
 */
public record MeasuredFile(String name, List<String> lines) {
  /** Keeps an unmodifiable copy. */
  public MeasuredFile {
    lines = List.copyOf(lines);
  }

  /**
   * What messages call a line.
   *
   * @param line counted from 0
   */
  String at(int line) {
    return "%s line %d".formatted(name, line + 1);
  }
}
