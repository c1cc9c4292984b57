package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.validate.CellResult;
import dev.mapstorm.load.validate.CellUse;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.PublishedRow;
import dev.mapstorm.load.validate.PublishedRows;
import dev.mapstorm.load.validate.RowResult;
import dev.mapstorm.persistence.text.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Puts published measurements beside the simulation. */
@Command(
    name = "validate",
    description = {
      "Puts what others measured and published beside what the simulation gives for it.",
      "",
      "Each row is a published result; its scenario runs by itself, as in mapstorm run"
          + " validation/V42. A figure is calibrated (the profile was made with it), held out (it"
          + " was not), or a negative control. Rows that miss their band, and rows that are not"
          + " simulated, are shown as that.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm validate",
      "  mapstorm validate --row V2 --row V7",
      "  mapstorm validate --json"
    })
final class ValidateCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--row",
      paramLabel = "ID",
      description = "Only this row, with every figure of it; may be repeated.")
  private List<String> chosen = List.of();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ValidateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<PublishedRow> rows = rows();
    AtomicBoolean stopped = new AtomicBoolean();
    List<RowResult> results = new ArrayList<>();
    try (Interruption interruption = new Interruption();
        ProgressLine progress = new ProgressLine(console, System::nanoTime)) {
      interruption.onSignal(() -> stopped.set(true));
      Experiments experiments = new Experiments(Version.current(), stopped::get);
      for (PublishedRow row : rows) {
        progress.update(row.id(), (double) results.size() / rows.size());
        results.add(experiments.run(row));
      }
    } catch (CancellationException e) {
      console.note("stopped; nothing is shown of rows that had not run");
      show(results);
      return ExitCode.OK;
    }
    show(results);
    return ExitCode.OK;
  }

  private List<PublishedRow> rows() {
    List<PublishedRow> all = PublishedRows.all();
    if (chosen.isEmpty()) {
      return all;
    }
    List<PublishedRow> rows = new ArrayList<>();
    for (String id : chosen) {
      rows.add(
          all.stream()
              .filter(row -> row.id().equalsIgnoreCase(id))
              .findFirst()
              .orElseThrow(
                  () ->
                      new CommandException(
                          ExitCode.USAGE,
                          "--row %s: there is no such row; rows are V1 to V71, and V6a to V6c and V59a to V59c"
                              .formatted(id))));
    }
    return rows;
  }

  private void show(List<RowResult> results) {
    if (json) {
      Json.print(console, results);
      return;
    }
    if (!chosen.isEmpty()) {
      results.forEach(this::showRow);
      return;
    }
    TextTable table =
        new TextTable(
            "row", "of", ">figures", ">calibrated", ">held out", ">control", ">ratio", ">band");
    for (RowResult result : results) {
      PublishedRow row = result.row();
      if (row.notSimulated() == null) {
        table.row(
            row.id(),
            row.title(),
            result.cells().size(),
            verdict(result, CellUse.CALIBRATED),
            verdict(result, CellUse.HELD_OUT),
            verdict(result, CellUse.NEGATIVE),
            ratios(result),
            "%.0f %%".formatted(row.band()));
      }
    }
    console.text(table + "\n");
    TextTable missed = new TextTable("missed", "by", "what is known of it");
    for (RowResult result : results) {
      long out = result.cells().stream().filter(cell -> !cell.inBand()).count();
      if (out > 0) {
        missed.row(
            result.row().id(),
            "%d of %d".formatted(out, result.cells().size()),
            result.row().ifMissed() == null ? "nothing" : result.row().ifMissed());
      }
    }
    if (!missed.isEmpty()) {
      console.text(missed + "\n");
    }
    TextTable rest = new TextTable("not simulated", "of", "use", "because");
    for (RowResult result : results) {
      PublishedRow row = result.row();
      if (row.notSimulated() != null) {
        rest.row(row.id(), row.title(), row.use().label(), row.notSimulated());
      }
    }
    console.text(rest + "\n");
    for (CellUse use : CellUse.values()) {
      List<RowResult> of = results.stream().filter(each -> each.has(use)).toList();
      long in = of.stream().filter(each -> each.inBand(use)).count();
      console.print(
          "  %-10s  %d of %d rows with all figures in their band, %d of %d figures"
              .formatted(
                  use.label(), in, of.size(), figures(of, use, true), figures(of, use, false)));
    }
  }

  private static long figures(List<RowResult> rows, CellUse use, boolean inBandOnly) {
    return rows.stream()
        .flatMap(row -> row.cells().stream())
        .filter(cell -> cell.use().equals(use.label()))
        .filter(cell -> !inBandOnly || cell.inBand())
        .count();
  }

  private static String verdict(RowResult result, CellUse use) {
    List<CellResult> of =
        result.cells().stream().filter(cell -> cell.use().equals(use.label())).toList();
    long in = of.stream().filter(CellResult::inBand).count();
    return of.isEmpty()
        ? "-"
        : in == of.size() ? "in" : "MISSED %d of %d".formatted(of.size() - in, of.size());
  }

  private static String ratios(RowResult result) {
    double least = result.cells().stream().mapToDouble(CellResult::ratio).min().orElse(1);
    double most = result.cells().stream().mapToDouble(CellResult::ratio).max().orElse(1);
    return "%.2f to %.2f".formatted(least, most);
  }

  private void showRow(RowResult result) {
    PublishedRow row = result.row();
    console.print("%s  %s".formatted(row.id(), row.title()));
    console.print("  source  " + row.source());
    if (row.notSimulated() != null) {
      console.print("  not simulated (%s): %s".formatted(row.use().label(), row.notSimulated()));
      return;
    }
    console.print("  setup   " + row.setup());
    console.print("  run by itself: mapstorm run " + row.scenario());
    console.print(
        "  band    %.0f %%%s: %s"
            .formatted(
                row.band(),
                row.slack() > 0 ? " or %s %s".formatted(row.slack(), row.unit()) : "",
                row.why()));
    TextTable table = new TextTable(row.unit(), "use", ">published", ">simulated", ">ratio", "");
    for (CellResult cell : result.cells()) {
      table.row(
          cell.of(),
          cell.use(),
          amount(cell.published()),
          amount(cell.simulated()),
          "%.2f".formatted(cell.ratio()),
          cell.inBand() ? "in" : "MISSED");
    }
    console.text(table.toString());
    if (row.ifMissed() != null && result.cells().stream().anyMatch(cell -> !cell.inBand())) {
      console.print("  missed: " + row.ifMissed());
    }
    console.print("");
  }

  private static String amount(double value) {
    return Math.abs(value) >= 100 ? "%.0f".formatted(value) : "%.3g".formatted(value);
  }
}
