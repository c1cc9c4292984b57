package dev.mapstorm.load.cluster;

import dev.mapstorm.persistence.text.PrintableText;
import java.util.Optional;

/** A table of a page, under a heading. What it is given is escaped. Not thread-safe. */
final class HtmlTable {
  private static final char RIGHT = '>';

  /**
   * What stands in a row.
   *
   * @param style a class of {@code status.css}; empty for none
   */
  record Cell(String text, String style) {
    /** Something that a person should look at. */
    static Cell wrong(String text) {
      return new Cell(text, "wrong");
    }

    /** What is wrong, in a sentence, which may take several lines; empty if nothing is. */
    static Cell trouble(String text) {
      return new Cell(text, text.isEmpty() ? "" : "wrong long");
    }

    /** Hexadecimal digits, to be copied. */
    static Cell digits(String text) {
      return new Cell(text, "long code");
    }
  }

  private final boolean[] right;
  private final StringBuilder rows = new StringBuilder();
  private int count;

  /** Columns by their headings; {@code >} in front of one puts its column to the right. */
  HtmlTable(String... headings) {
    right = new boolean[headings.length];
    rows.append("<tr>");
    for (int i = 0; i < headings.length; i++) {
      right[i] = headings[i].charAt(0) == RIGHT;
      cell("th", i, new Cell(right[i] ? headings[i].substring(1) : headings[i], ""));
    }
    rows.append("</tr>\n");
  }

  /**
   * Adds a row of cells, or of what is put into cells.
   *
   * @throws IllegalArgumentException if it has more or fewer cells than there are columns
   */
  void row(Object... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "a row of %d cells in a table of %d columns".formatted(cells.length, right.length));
    }
    rows.append("<tr>");
    for (int i = 0; i < cells.length; i++) {
      cell("td", i, cells[i] instanceof Cell cell ? cell : new Cell(cells[i].toString(), ""));
    }
    rows.append("</tr>\n");
    count++;
  }

  private void cell(String tag, int column, Cell cell) {
    String style = (cell.style() + (right[column] ? " right" : "")).strip();
    rows.append('<').append(tag);
    if (!style.isEmpty()) {
      rows.append(" class=\"").append(style).append('"');
    }
    rows.append('>').append(escaped(cell.text())).append("</").append(tag).append('>');
  }

  /** The table; empty if it has no row but its headings. */
  Optional<String> html() {
    return count == 0 ? Optional.empty() : Optional.of("<div><table>" + rows + "</table></div>\n");
  }

  /** Text as it can stand in an element or in quotes, with nothing hidden in it. */
  static String escaped(String raw) {
    return PrintableText.lines(raw)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
