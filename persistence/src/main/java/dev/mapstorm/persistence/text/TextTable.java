package dev.mapstorm.persistence.text;

import java.util.ArrayList;
import java.util.List;

/**
 * A table with aligned columns for a terminal. What its cells hold is shown as {@link
 * PrintableText#cell} has it. Not thread-safe.
 */
public final class TextTable {
  private static final String INDENT = "  ";
  private static final String GAP = "  ";
  private static final char RIGHT = '>';

  private final boolean[] right;
  private final List<String[]> rows = new ArrayList<>();

  /** Columns by their headings; {@code >} in front of one puts its column to the right. */
  public TextTable(String... headings) {
    right = new boolean[headings.length];
    String[] heading = headings.clone();
    for (int i = 0; i < heading.length; i++) {
      right[i] = !heading[i].isEmpty() && heading[i].charAt(0) == RIGHT;
      if (right[i]) {
        heading[i] = heading[i].substring(1);
      }
    }
    rows.add(heading);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has more or fewer cells than there are columns
   */
  public TextTable row(Object... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "a row of %d cells in a table of %d columns".formatted(cells.length, right.length));
    }
    String[] row = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      row[i] = PrintableText.cell(String.valueOf(cells[i]));
    }
    rows.add(row);
    return this;
  }

  /** Whether it has no row but its headings. */
  public boolean isEmpty() {
    return rows.size() == 1;
  }

  /** The lines, each with its line break, without blanks at their ends. */
  @Override
  public String toString() {
    int[] width = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(INDENT);
      for (int i = 0; i < width.length; i++) {
        String blanks = " ".repeat(width[i] - row[i].length());
        line.append(i == 0 ? "" : GAP).append(right[i] ? blanks + row[i] : row[i] + blanks);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
