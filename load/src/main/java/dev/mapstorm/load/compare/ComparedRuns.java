package dev.mapstorm.load.compare;

import dev.mapstorm.load.compare.ScenarioChanges.Change;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.persistence.analysis.client.RequestAnalysis;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs that were read to be compared.
 *
 * @param runs what each was
 * @param notes why figures of them may not be comparable as they stand
 * @param scenario keys that differ
 * @param figures by rank
 */
public record ComparedRuns(
    List<Extent> runs, List<String> notes, List<Change> scenario, List<Comparison.Row> figures) {

  /**
   * What a run was.
   *
   * @param virtualNs virtual time that it reached
   * @param requested requests asked
   * @param done requests done
   */
  public record Extent(
      String path,
      String scenario,
      long seed,
      String version,
      boolean complete,
      long virtualNs,
      long requested,
      long done,
      String hash) {}

  /**
   * Reads runs and compares them.
   *
   * @param runs at least two; changes are told against the first
   * @param progress hears how far reading all of them is
   */
  public static ComparedRuns read(List<RecordedRun> runs, ReadProgress progress) {
    List<RunReport> reports = new ArrayList<>();
    List<RequestDigest> digests = new ArrayList<>();
    for (RecordedRun run : runs) {
      double before = reports.size();
      RequestDigest digest = new RequestDigest();
      reports.add(
          run.report(
              (part, events) -> progress.read((before + part) / runs.size(), events),
              digest::host));
      digests.add(digest);
    }
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      extents.add(extent(runs.get(i), reports.get(i)));
    }
    List<String> scenarios =
        runs.stream().map(run -> run.opened(run.hosts().get(0)).scenario()).toList();
    return new ComparedRuns(
        extents, notes(extents, digests), ScenarioChanges.of(scenarios), Comparison.of(reports));
  }

  private static Extent extent(RecordedRun run, RunReport report) {
    return new Extent(
        run.path().toString(),
        report.scenario(),
        report.seed(),
        report.version(),
        report.complete(),
        report.virtualNs(),
        report.analysis().of(RequestAnalysis.REQUESTS).requested(),
        report.analysis().of(RequestAnalysis.REQUESTS).done(),
        report.journal().hash());
  }

  private static List<String> notes(List<Extent> runs, List<RequestDigest> digests) {
    List<String> notes = new ArrayList<>();
    Extent first = runs.get(0);
    for (Extent run : runs) {
      if (!run.complete()) {
        notes.add(
            "%s was interrupted at %s: its figures are of its beginning"
                .formatted(run.path(), Units.time(run.virtualNs())));
      }
      if (!run.version().equals(first.version())) {
        notes.add(
            "%s was run by mapstorm %s, %s by %s: the models may differ"
                .formatted(run.path(), run.version(), first.path(), first.version()));
      }
    }
    for (int i = 1; i < runs.size(); i++) {
      String pair = runs.get(i).path() + " and " + first.path();
      switch (digests.get(i).to(digests.get(0))) {
        case SAME -> notes.add("%s were asked the same requests".formatted(pair));
        case SAME_BEGINNING ->
            notes.add(
                "%s were asked the same requests, %d and %d of them: compare what is per request"
                    .formatted(pair, runs.get(i).requested(), first.requested()));
        case OTHER ->
            notes.add(
                "%s were asked other requests (%d and %d in %s and %s of virtual time)"
                    .formatted(
                        pair,
                        runs.get(i).requested(),
                        first.requested(),
                        Units.time(runs.get(i).virtualNs()),
                        Units.time(first.virtualNs())));
      }
    }
    return notes;
  }

  /** The figures that differ by more than a little, as a table; empty without any. */
  public String text(long most) {
    long changed = figures.size() - unchanged();
    if (changed == 0) {
      return "";
    }
    return ComparisonText.of(
        figures, runs.stream().map(Extent::path).toList(), Math.min(most, changed));
  }

  /** How many figures differ little or not at all. */
  public long unchanged() {
    return figures.stream().filter(each -> !each.isChanged()).count();
  }

  /** All figures as a table. */
  public String textOfAll() {
    return ComparisonText.of(figures, runs.stream().map(Extent::path).toList(), figures.size());
  }
}
