package dev.mapstorm.load.compare;

import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.text.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link Comparison} for a terminal. */
public final class ComparisonText {
  private ComparisonText() {}

  /**
   * The figures as a table.
   *
   * @param names of the runs
   * @param most rows
   */
  public static String of(List<Comparison.Row> rows, List<String> names, long most) {
    List<String> headings = new ArrayList<>(List.of("figure"));
    for (int i = 0; i < names.size(); i++) {
      headings.add(">" + names.get(i));
      if (i > 0) {
        headings.add(">change");
      }
    }
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (Comparison.Row row : rows.stream().limit(most).toList()) {
      List<Object> cells = new ArrayList<>(List.of(row.figure()));
      for (int i = 0; i < names.size(); i++) {
        Double value = row.values().get(i);
        cells.add(value == null ? "-" : row.unit().text(value));
        if (i > 0) {
          cells.add(change(row, i));
        }
      }
      table.row(cells.toArray());
    }
    return table.toString();
  }

  private static String change(Comparison.Row row, int run) {
    Double change = row.changes().get(run);
    if (change == null) {
      boolean before = row.values().get(0) != null && row.values().get(0) != 0;
      boolean after = row.values().get(run) != null && row.values().get(run) != 0;
      return before == after ? "" : after ? "new" : "gone";
    }
    if (Math.abs(change) < 0.05) {
      return "=";
    }
    if (row.unit() == FigureUnit.PERCENT) {
      return String.format(Locale.ROOT, "%+.1f points", change);
    }
    return change >= 900
        ? String.format(Locale.ROOT, "x%.1f", 1 + change / 100)
        : String.format(Locale.ROOT, "%+.1f %%", change);
  }
}
