package dev.mapstorm.load.validate;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads the published results that come with the program, {@code validation/rows.conf}. */
public final class PublishedRows {
  private static final String ROWS = "validation/rows.conf";
  private static final String SCENARIOS = "validation/";

  private PublishedRows() {}

  /** All of them, in the order of the file. */
  public static List<PublishedRow> all() {
    Config file =
        ConfigFactory.parseResources(PublishedRows.class.getClassLoader(), ROWS).resolve();
    List<PublishedRow> rows = new ArrayList<>();
    file.getConfigList("rows").forEach(each -> rows.add(row(each)));
    return List.copyOf(rows);
  }

  private static PublishedRow row(Config row) {
    if (row.hasPath("not-simulated")) {
      return new PublishedRow(
          row.getString("id"),
          row.getString("title"),
          row.getString("source"),
          "",
          null,
          "",
          0,
          0,
          "",
          null,
          List.of(),
          use(row),
          row.getString("not-simulated"));
    }
    List<PublishedCell> cells = new ArrayList<>();
    row.getConfigList("cells").forEach(each -> cells.add(cell(each)));
    return new PublishedRow(
        row.getString("id"),
        row.getString("title"),
        row.getString("source"),
        row.getString("setup"),
        SCENARIOS + row.getString("scenario"),
        row.getString("unit"),
        row.getDouble("band"),
        row.hasPath("slack") ? row.getDouble("slack") : 0,
        row.getString("why"),
        row.hasPath("if-missed") ? row.getString("if-missed") : null,
        List.copyOf(cells),
        null,
        null);
  }

  private static PublishedCell cell(Config cell) {
    return new PublishedCell(
        use(cell),
        cell.getString("of"),
        Figure.valueOf(constant(cell.getString("figure"))),
        cell.getDouble("published"),
        cell.hasPath("set") ? List.copyOf(cell.getStringList("set")) : List.of(),
        settings(cell, "less"),
        settings(cell, "over"));
  }

  private static List<String> settings(Config cell, String key) {
    return cell.hasPath(key) ? List.copyOf(cell.getStringList(key)) : null;
  }

  private static CellUse use(Config from) {
    return CellUse.valueOf(constant(from.getString("use")));
  }

  private static String constant(String label) {
    return label.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
