package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where analyses write their part of a report: lines, and tables that are cut at a number of rows.
 */
public final class ReportPage {
  private final StringBuilder text = new StringBuilder();
  private final int mostRows;
  private final boolean manyHosts;

  /** An empty page; of each list at most {@code mostRows} rows. */
  public ReportPage(int mostRows, boolean manyHosts) {
    this.mostRows = mostRows;
    this.manyHosts = manyHosts;
  }

  /** Writes a line. */
  public void line(String format, Object... arguments) {
    text.append(format.formatted(arguments)).append('\n');
  }

  /** Writes an empty line and a heading. */
  public void section(String format, Object... arguments) {
    text.append('\n');
    line(format, arguments);
  }

  /** Writes a table. */
  public void table(TextTable table) {
    text.append(table);
  }

  /** Lets {@code row} add to the table for as many of the items as a list may show. */
  public <T> void table(TextTable table, List<T> items, Consumer<T> row) {
    first(items).forEach(row);
    table(table);
    more(items.size());
  }

  /** As many of the items as a list may show. */
  public <T> List<T> first(List<T> items) {
    return items.subList(0, Math.min(mostRows, items.size()));
  }

  /** Says how many of {@code found} rows are not shown. */
  public void more(long found) {
    if (found > mostRows) {
      line("  ... and %d more", found - mostRows);
    }
  }

  /** A number of a host, with the host in front where there are several. */
  public String of(int host, int number) {
    return manyHosts ? host + "." + number : String.valueOf(number);
  }

  /** Something of a host in words, with the host in front where there are several. */
  public String of(int host, String what) {
    return manyHosts ? "host " + host + " " + what : what;
  }

  /** A table of distributions of times. */
  public static TextTable times() {
    return new TextTable("", ">mean", ">p50", ">p90", ">p99", ">p99.9", ">max");
  }

  /** A row of {@link #times}. */
  public static void timesRow(TextTable table, String what, Distribution d) {
    table.row(
        what,
        time(d, d.mean()),
        time(d, d.p50()),
        time(d, d.p90()),
        time(d, d.p99()),
        time(d, d.p999()),
        time(d, d.max()));
  }

  /** A time of a distribution; nothing has none. */
  public static String time(Distribution of, long ns) {
    return of.count() == 0 ? "-" : Units.time(ns);
  }

  /** A time shared out over a count. */
  public static String each(long ns, long count) {
    return count == 0 ? "-" : Units.picoseconds(Ratio.picosecondsEach(ns, count));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
