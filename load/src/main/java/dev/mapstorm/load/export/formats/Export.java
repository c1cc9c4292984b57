package dev.mapstorm.load.export.formats;

import dev.mapstorm.load.export.Destination;
import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.load.export.WrittenFile;
import dev.mapstorm.load.export.ftrace.FtraceExporter;
import dev.mapstorm.load.export.table.CsvExporter;
import dev.mapstorm.load.export.table.ParquetExporter;
import dev.mapstorm.load.export.timeline.ChromeWriter;
import dev.mapstorm.load.export.timeline.PerfettoWriter;
import dev.mapstorm.load.export.timeline.TimelineExporter;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.index.RunIndex;
import dev.mapstorm.persistence.store.ReadProgress;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Writes a selection of a run to a destination in a format. */
public final class Export {
  private final RecordedRun run;
  private final ExportFormat format;
  private final ExportSelection selection;
  private final Consumer<String> notes;

  /**
   * What an export left.
   *
   * @param events of the selection, in the window
   * @param written rows of tables, lines of text, packets or events of a trace
   * @param cutAtNs where the journal ends, of the hosts the earliest, if that is before the window
   *     does and the run had not come to its end
   * @param files none if it went to a stream
   */
  public record Result(long events, long written, OptionalLong cutAtNs, List<WrittenFile> files) {}

  /**
   * Of a run, which is only read.
   *
   * @param notes hears what is remarkable about its index
   */
  public Export(
      RecordedRun run, ExportFormat format, ExportSelection selection, Consumer<String> notes) {
    this.run = run;
    this.format = format;
    this.selection = selection;
    this.notes = notes;
  }

  /**
   * Writes it, and commits the destination, which stays the caller's to close.
   *
   * @param stopped asked now and then whether to give up
   * @param progress hears how far it is
   * @throws IOException if the destination cannot be written
   * @throws ExportStoppedException if {@code stopped} said so; nothing was committed then
   */
  public Result to(Destination destination, BooleanSupplier stopped, ReadProgress progress)
      throws IOException {
    SelectedEvents events = new SelectedEvents(run, selection, stopped, progress);
    long written;
    try (Exporter exporter = exporter(destination)) {
      boolean fromStart = exporter.needsHistory() || selection.fromNs() == 0;
      events.into(exporter, fromStart ? Map.of() : passed());
      written = exporter.written();
    }
    OptionalLong cutAtNs = lacksHosts() ? OptionalLong.of(0) : events.cutAtNs();
    return new Result(events.selected(), written, cutAtNs, destination.commit());
  }

  /** Whether all hosts are to be exported, and some have no journal. */
  private boolean lacksHosts() {
    return selection.hosts().size() == run.hosts().size() && run.lacksHosts();
  }

  /** Of each host the last batch before the window, as far as an index tells. */
  private Map<Integer, BatchSummary> passed() {
    Map<Integer, BatchSummary> passed = new HashMap<>();
    Optional<RunIndex> existing = run.existingIndex(notes);
    existing.ifPresent(
        index -> {
          try (index) {
            for (int host : selection.hosts()) {
              index
                  .host(host)
                  .lastBatchBefore(selection.fromNs())
                  .ifPresent(batch -> passed.put(host, batch));
            }
          }
        });
    return passed;
  }

  private Exporter exporter(Destination destination) throws IOException {
    return switch (format) {
      case PERFETTO ->
          new TimelineExporter(new PerfettoWriter(destination.open("")), run::outline, selection);
      case CHROME ->
          new TimelineExporter(new ChromeWriter(destination.open("")), run::outline, selection);
      case FTRACE -> new FtraceExporter(destination.open(""), run::outline);
      case CSV -> new CsvExporter(destination, selection.kinds());
      case PARQUET -> new ParquetExporter(destination, selection.kinds());
    };
  }
}
