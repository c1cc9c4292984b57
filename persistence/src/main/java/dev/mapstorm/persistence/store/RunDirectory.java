package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The directory that a run leaves: the resolved scenario, the embedded journal, the reports.
 *
 * <pre>
 * scenario.conf   what was run, resolved, with seed and version
 * journal.db      every event of every host
 * report.json     the figures, written when the run ends
 * report.html     the same for people
 * </pre>
 */
public final class RunDirectory {
  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes the directory of a new run, with its scenario and an empty journal.
   *
   * @param path may exist if it is empty
   * @param scenario the resolved scenario, as HOCON
   * @throws StoreException if there is anything at {@code path} that would be lost or mixed in
   */
  public static RunDirectory create(Path path, String scenario) {
    RunDirectory run = new RunDirectory(path);
    try {
      if (Files.exists(run.scenario()) || Files.exists(run.journalFile())) {
        throw new StoreException("%s holds a run already".formatted(path));
      }
      if (Files.exists(path) && !isEmptyDirectory(path)) {
        throw new StoreException("%s exists and is not an empty directory".formatted(path));
      }
      Files.createDirectories(path);
      run.journal().create();
      Files.writeString(run.scenario(), scenario);
      return run;
    } catch (IOException e) {
      throw new StoreException("%s cannot be written: %s".formatted(path, e), e);
    }
  }

  /**
   * The directory of a run that was made before, running or not.
   *
   * @throws StoreException if it is none, or its journal is missing or foreign
   */
  public static RunDirectory open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new StoreException(
          "%s %s".formatted(path, Files.exists(path) ? "is not a directory" : "does not exist"));
    }
    RunDirectory run = new RunDirectory(path);
    if (!Files.exists(run.scenario())) {
      throw new StoreException(
          "%s is not a run directory: it has no scenario.conf".formatted(path));
    }
    if (!Files.exists(run.journalFile())) {
      throw new StoreException("the run in %s has no journal.db".formatted(path));
    }
    run.journal().check();
    return run;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The resolved scenario. */
  public Path scenario() {
    return path.resolve("scenario.conf");
  }

  /** The embedded journal's store. */
  public JournalStore journal() {
    return new SqliteJournal(journalFile());
  }

  /** The figures; there once the run has ended. */
  public Path reportJson() {
    return path.resolve("report.json");
  }

  private Path journalFile() {
    return path.resolve("journal.db");
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }
}
