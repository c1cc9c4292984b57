package dev.mapstorm.load.export;

import dev.mapstorm.load.export.ftrace.FtraceExporter;
import dev.mapstorm.load.export.table.CsvExporter;
import dev.mapstorm.load.export.table.ParquetExporter;
import dev.mapstorm.load.export.timeline.ChromeWriter;
import dev.mapstorm.load.export.timeline.PerfettoWriter;
import dev.mapstorm.load.export.timeline.TimelineExporter;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.store.ReadProgress;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** Writes a selection of a run to a destination in a format. */
public final class Export {
  private final RecordedRun run;
  private final ExportFormat format;
  private final ExportSelection selection;

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

  /** Of a run, which is only read. */
  public Export(RecordedRun run, ExportFormat format, ExportSelection selection) {
    this.run = run;
    this.format = format;
    this.selection = selection;
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
      events.into(exporter);
      written = exporter.written();
    }
    return new Result(events.selected(), written, events.cutAtNs(), destination.commit());
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
