package dev.mapstorm.load.cli;

import dev.mapstorm.load.compare.ScenarioChanges.Change;
import dev.mapstorm.persistence.text.TextTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The keys in which the scenarios of runs differ, for a terminal. */
final class ScenarioChangesText {
  private ScenarioChangesText() {}

  /** Prints them, or that there are none. */
  static void print(Console console, List<Change> changes, List<Path> runs) {
    if (changes.isEmpty()) {
      console.print("the scenarios are equal");
      return;
    }
    List<String> headings = new ArrayList<>(List.of("scenario key"));
    runs.forEach(run -> headings.add(run.toString()));
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (Change change : changes) {
      List<Object> cells = new ArrayList<>(List.of(change.key()));
      cells.addAll(change.values());
      table.row(cells.toArray());
    }
    console.text(table);
  }
}
