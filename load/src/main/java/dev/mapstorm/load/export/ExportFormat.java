package dev.mapstorm.load.export;

import dev.mapstorm.load.export.table.CsvExporter;
import dev.mapstorm.protocol.event.EventKind;
import java.util.List;
import java.util.stream.Stream;

/** The formats that a run can be exported in. */
public enum ExportFormat {
  /** Perfetto's own protobuf trace. */
  PERFETTO("perfetto", ".perfetto-trace", false),
  /** The JSON trace events of Chrome, which Perfetto reads as well. */
  CHROME("chrome", ".chrome.json", false),
  /** Text of the kernel's trace events. */
  FTRACE("ftrace", ".ftrace", false),
  /** Comma-separated values, a file for each kind of event. */
  CSV("csv", ".csv", true),
  /** Apache Parquet, a file for each kind of event. */
  PARQUET("parquet", ".parquet", true);

  private final String label;
  private final String suffix;
  private final boolean tables;

  ExportFormat(String label, String suffix, boolean tables) {
    this.label = label;
    this.suffix = suffix;
    this.tables = tables;
  }

  /** What options call it. */
  public String label() {
    return label;
  }

  /** What the names of its files end in. */
  public String suffix() {
    return suffix;
  }

  /** Whether each kind of event is a table of its own, and so a file. */
  public boolean isTables() {
    return tables;
  }

  /** Names of all tables that an export can have. */
  List<String> tables() {
    Stream<String> kinds = Stream.of(EventKind.values()).map(EventKind::label);
    return switch (this) {
      case CSV -> Stream.concat(kinds, Stream.of(CsvExporter.RANGES_TABLE)).toList();
      case PARQUET -> kinds.toList();
      case PERFETTO, CHROME, FTRACE -> List.of();
    };
  }
}
