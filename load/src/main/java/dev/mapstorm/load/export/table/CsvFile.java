package dev.mapstorm.load.export.table;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A file of comma-separated values after RFC 4180: lines end in CR LF, the first names the columns,
 * text is quoted where it must be. UTF-8. Not thread-safe.
 */
final class CsvFile {
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final int MOST_DIGITS = 20;

  private final OutputStream out;
  private final byte[] digits = new byte[MOST_DIGITS];
  private boolean inRow;
  private long rows;

  /** Writes the header. */
  CsvFile(OutputStream out, List<String> columns) throws IOException {
    this.out = out;
    for (String column : columns) {
      text(column);
    }
    endRow();
    rows = 0;
  }

  /** Rows ended, without the header. */
  long rows() {
    return rows;
  }

  /** Adds a whole number to the row. */
  CsvFile number(long value) throws IOException {
    separate();
    if (value < 0) {
      out.write(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
      return this;
    }
    int first = MOST_DIGITS;
    long left = value;
    do {
      digits[--first] = (byte) ('0' + left % 10);
      left /= 10;
    } while (left != 0);
    out.write(digits, first, MOST_DIGITS - first);
    return this;
  }

  /** Adds text to the row. */
  CsvFile text(String value) throws IOException {
    separate();
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    String field = plain ? value : '"' + value.replace("\"", "\"\"") + '"';
    out.write(field.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Ends the row. */
  void endRow() throws IOException {
    out.write(LINE_END);
    inRow = false;
    rows++;
  }

  private void separate() throws IOException {
    if (inRow) {
      out.write(',');
    }
    inRow = true;
  }
}
