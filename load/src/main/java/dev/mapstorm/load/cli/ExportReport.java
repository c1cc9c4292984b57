package dev.mapstorm.load.cli;

import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.WrittenFile;
import dev.mapstorm.load.export.formats.Export;
import dev.mapstorm.persistence.text.Units;
import java.nio.file.Path;
import java.util.List;

/**
 * What an export left, as JSON has it.
 *
 * @param format it is in
 * @param complete whether the journal holds all of the window, or of the run if there is none
 * @param events of the journal that were exported
 * @param written rows of tables, lines of text, packets or events of a trace
 * @param bytes of all files
 * @param files none if it went to standard output
 */
record ExportReport(
    String format,
    boolean complete,
    long events,
    long written,
    long bytes,
    List<ExportedFile> files) {

  /** A file of it. */
  record ExportedFile(String path, long bytes) {}

  static ExportReport of(ExportFormat as, Export.Result result) {
    return new ExportReport(
        as.label(),
        result.cutAtNs().isEmpty(),
        result.events(),
        result.written(),
        result.files().stream().mapToLong(WrittenFile::bytes).sum(),
        result.files().stream()
            .map(file -> new ExportedFile(file.path().toString(), file.bytes()))
            .toList());
  }

  /** In one line; there must be a file. */
  String line() {
    Path first = Path.of(files.get(0).path());
    boolean directory = files.size() > 1;
    return "%s: %d events, %s%s"
        .formatted(
            directory ? first.getParent() : first,
            events,
            Units.bytes(bytes),
            directory ? " in %d files".formatted(files.size()) : "");
  }
}
