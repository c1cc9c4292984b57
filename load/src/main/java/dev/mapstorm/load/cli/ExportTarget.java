package dev.mapstorm.load.cli;

import dev.mapstorm.load.export.Destination;
import dev.mapstorm.load.export.DirectoryDestination;
import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.FileDestination;
import dev.mapstorm.load.export.StreamDestination;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.protocol.event.EventKind;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where an export goes: {@code --out}, or what it is without that.
 *
 * @param path of the file or directory; {@link #STANDARD_OUTPUT} stands for that
 * @param directory whether it is a directory of tables
 */
record ExportTarget(Path path, boolean directory) {
  /** What {@code --out} calls standard output. */
  static final String STANDARD_OUTPUT = "-";

  /** In the current directory, named after the run. */
  static ExportTarget ofRun(String run, ExportFormat as) {
    String name = as.isTables() ? run + "-" + as.label() : run + as.suffix();
    return new ExportTarget(Path.of(name), as.isTables());
  }

  /** What {@code --out} says. */
  static ExportTarget of(String out, ExportFormat as, Set<EventKind> kinds) {
    boolean stream = out.equals(STANDARD_OUTPUT);
    boolean file = stream || out.endsWith(as.suffix()) || out.endsWith(as.suffix() + ".gz");
    if (!as.isTables() || !file) {
      return new ExportTarget(Path.of(out), as.isTables());
    }
    requireOneTable(out, as, kinds);
    if (as == ExportFormat.PARQUET && (stream || out.endsWith(".gz"))) {
      throw new CommandException(
          ExitCode.USAGE,
          "--out %s: parquet is compressed inside, and needs a file or a directory".formatted(out));
    }
    return new ExportTarget(Path.of(out), false);
  }

  private static void requireOneTable(String out, ExportFormat as, Set<EventKind> kinds) {
    boolean two = as == ExportFormat.CSV && kinds.contains(EventKind.DMA_REQUESTED);
    if (kinds.size() != 1 || two) {
      throw new CommandException(
          ExitCode.USAGE,
          "--out %s is one file, and %s: name a directory, or one --kind with one table"
              .formatted(
                  out,
                  kinds.size() == 1
                      ? "dma-requested has a second table with its ranges"
                      : "each kind of event is a table of its own"));
    }
  }

  /** Whether it is standard output. */
  boolean isStandardOutput() {
    return path.toString().equals(STANDARD_OUTPUT);
  }

  /** Says no to what would be lost, and to what cannot be. */
  void check(boolean force) {
    if (isStandardOutput() || !Files.exists(path)) {
      return;
    }
    if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
      // A device or a pipe would be replaced by a file, not written to.
      throw new CommandException(
          ExitCode.USAGE, "%s is no regular file; use --out - > %s".formatted(path, path));
    }
    if (Files.isDirectory(path) != directory) {
      throw new CommandException(
          ExitCode.USAGE,
          directory
              ? "%s is a file, and tables need a directory: name one with --out".formatted(path)
              : "%s is a directory: name a file with --out".formatted(path));
    }
    if (!force) {
      throw new CommandException(ExitCode.ERROR, "%s exists; --force replaces it".formatted(path));
    }
  }

  /** Opens it; nothing is there under its name before it is committed. */
  Destination destination(ExportFormat as) {
    if (isStandardOutput()) {
      return new StreamDestination(new FileOutputStream(FileDescriptor.out));
    }
    return directory ? new DirectoryDestination(path, as) : new FileDestination(path);
  }

  /** What is there after an export that was stopped, in one line. */
  String stopped() {
    return isStandardOutput()
        ? "stopped: what went to standard output is not all of it"
        : "%s: stopped, so nothing was written there".formatted(path);
  }

  /** Why it could not be written, in one line. */
  CommandException failed(IOException e) {
    String why =
        e instanceof NoSuchFileException ? "there is no directory for it" : FileErrors.reason(e);
    return new CommandException(ExitCode.ERROR, "%s cannot be written: %s".formatted(this, why));
  }

  @Override
  public String toString() {
    return isStandardOutput() ? "standard output" : path.toString();
  }
}
