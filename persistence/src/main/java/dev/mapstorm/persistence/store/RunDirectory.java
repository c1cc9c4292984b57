package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory that a run leaves: the resolved scenario, the journal or where it is, the reports.
 *
 * <pre>
 * scenario.conf   what was run, resolved, with seed and version
 * journal.db      every event of every host; or, of a run of a cluster,
 * journal.conf    which database holds them, and under which id
 * index.db        what makes any instant quick to show; may be deleted
 * lock            held by the process that runs it
 * report.json     the figures, written when the run ends; of a cluster's run
 * fleet.json      what its coordinator reported
 * </pre>
 */
public final class RunDirectory {
  private static final Pattern OWN_FILES =
      Pattern.compile(
          "(scenario|journal)\\.conf(\\.new)?|lock|report\\.json(\\.new)?|fleet\\.json(\\.new)?"
              + "|journal\\.db\\.new(-wal|-shm|-journal)?|(journal|index)\\.db(-wal|-shm|-journal)?");

  private final Path path;
  private final NamedDatabases databases;

  private RunDirectory(Path path, NamedDatabases databases) {
    this.path = path;
    this.databases = databases;
  }

  private RunDirectory(Path path) {
    this(path, NamedDatabases.ofEnvironment());
  }

  /**
   * Makes the directory of a new run, with its scenario and an empty journal. Each appears whole or
   * not at all, the scenario first: whenever this is cut off, either nothing was made that another
   * try would mind, or {@link #openToResume} can go on.
   *
   * @param path may exist if it is empty
   * @param scenario the resolved scenario, as HOCON
   * @throws StoreException if there is anything at {@code path} that would be lost or mixed in
   */
  public static RunDirectory create(Path path, String scenario) {
    RunDirectory run = new RunDirectory(path);
    try {
      run.createWithScenario(scenario);
      run.createJournal();
      return run;
    } catch (IOException e) {
      throw new StoreException("%s cannot be written: %s".formatted(path, FileErrors.reason(e)), e);
    }
  }

  /**
   * Makes the directory of a new run whose journal is in a shared database. Nothing is written
   * there, the run's id is only looked up.
   *
   * @param path as for {@link #create}
   * @param scenario the resolved scenario, as HOCON
   * @param runId unique in the database
   * @throws StoreException as {@link #create}, and if the database cannot be used or has a run of
   *     that id
   */
  public static RunDirectory createShared(
      Path path, String scenario, DatabaseAddress address, String runId) {
    PostgresJournal journal = new PostgresJournal(address, runId);
    journal.create();
    RunDirectory run = new RunDirectory(path, NamedDatabases.of(address.variables()));
    try {
      run.createWithScenario(scenario);
      run.write(run.journalAddress(), journal.conf());
      return run;
    } catch (IOException e) {
      throw new StoreException("%s cannot be written: %s".formatted(path, FileErrors.reason(e)), e);
    }
  }

  private void createWithScenario(String scenario) throws IOException {
    if (Files.exists(scenario()) || Files.exists(journalFile()) || isShared()) {
      throw new StoreException("%s holds a run already".formatted(path));
    }
    removeUnfinished();
    if (Files.exists(path) && !isEmptyDirectory(path)) {
      throw new StoreException("%s exists and is not an empty directory".formatted(path));
    }
    Files.createDirectories(path);
    write(scenario(), scenario);
  }

  /**
   * Writes {@link #reportJson}, whole or not at all.
   *
   * @throws StoreException if it cannot be written
   */
  public void writeReport(String json) {
    writeOrSay(reportJson(), json);
  }

  /**
   * Writes {@link #fleetJson}, whole or not at all.
   *
   * @throws StoreException if it cannot be written
   */
  public void writeFleet(String json) {
    writeOrSay(fleetJson(), json);
  }

  private void writeOrSay(Path file, String text) {
    try {
      write(file, text);
    } catch (IOException e) {
      throw new StoreException("%s cannot be written: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /** Writes a file, whole or not at all. */
  private void write(Path file, String text) throws IOException {
    Path unfinished = unfinished(file);
    Files.writeString(unfinished, text);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a file is called while it is made. */
  private Path unfinished(Path file) {
    return path.resolve(file.getFileName() + ".new");
  }

  private void removeUnfinished() throws IOException {
    if (Files.isDirectory(path)) {
      for (Path file : files()) {
        if (file.getFileName().toString().contains(".new")) {
          Files.delete(file);
        }
      }
    }
  }

  private void createJournal() throws IOException {
    Path unfinished = unfinished(journalFile());
    new SqliteJournal(unfinished).create();
    Files.move(unfinished, journalFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The directory of a run that is to go on; its journal is made if it was interrupted before it
   * had one. The caller holds its lock.
   *
   * @throws StoreException as {@link #open} and {@link #checkResumable}
   */
  public static RunDirectory openToResume(Path path) {
    RunDirectory run = new RunDirectory(path);
    run.checkResumable();
    if (Files.exists(run.scenario()) && !Files.exists(run.journalFile())) {
      try {
        run.removeUnfinished();
        run.createJournal();
      } catch (IOException e) {
        throw new StoreException(
            "%s cannot be written: %s".formatted(path, FileErrors.reason(e)), e);
      }
    }
    RunDirectory opened = open(path);
    new SqliteJournal(run.journalFile()).emptyLog();
    return opened;
  }

  /**
   * Makes sure that one process may go on with the run by itself.
   *
   * @throws StoreException if it is a cluster's
   */
  public void checkResumable() {
    if (isShared()) {
      throw new StoreException(
          "the run in %s is a cluster's, which resumes it by itself as soon as nodes are up; nothing else may continue it"
              .formatted(path));
    }
  }

  /**
   * The directory of a run that was made before, running or not.
   *
   * @throws StoreException if it is none, or its journal is foreign
   * @throws DamagedJournalException if its journal is damaged, as far as {@link JournalStore#check}
   *     finds out
   */
  public static RunDirectory open(Path path) {
    return open(path, NamedDatabases.ofEnvironment());
  }

  /**
   * The same, where a shared database may be one of those that were named.
   *
   * @param databases by default that of the environment
   */
  public static RunDirectory open(Path path, NamedDatabases databases) {
    RunDirectory run = openDamaged(path, databases);
    run.journal().check();
    return run;
  }

  /**
   * The directory of a run whose journal may be damaged.
   *
   * @param databases as for {@link #open(Path, NamedDatabases)}
   * @throws StoreException if it is none
   */
  public static RunDirectory openDamaged(Path path, NamedDatabases databases) {
    if (!Files.isDirectory(path)) {
      throw new StoreException(
          "%s %s".formatted(path, Files.exists(path) ? "is not a directory" : "does not exist"));
    }
    if (!Files.isReadable(path) || !Files.isExecutable(path)) {
      throw new StoreException("%s cannot be read: permission denied".formatted(path));
    }
    RunDirectory run = new RunDirectory(path, databases);
    boolean embedded = Files.exists(run.journalFile());
    if (embedded && run.isShared()) {
      throw new StoreException(
          "%s has both a journal.db and a journal.conf: one of them is of another run"
              .formatted(path));
    }
    if (embedded || run.isShared()) {
      return run;
    }
    throw new StoreException(
        Files.exists(run.scenario())
            ? "the run in %s has no journal.db and no journal.conf".formatted(path)
            : "%s is not a run directory: it has no journal.db and no journal.conf"
                .formatted(path));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The resolved scenario; the journal holds it too, should this file be lost. */
  public Path scenario() {
    return path.resolve("scenario.conf");
  }

  /**
   * The journal's store.
   *
   * @throws StoreException if the run is a cluster's and its {@code journal.conf} cannot be read,
   *     or names a database that the user did not name
   */
  public JournalStore journal() {
    return isShared() ? sharedJournal() : new SqliteJournal(journalFile());
  }

  /** Whether its journal is in a shared database: that of a run of a cluster. */
  public boolean isShared() {
    return Files.exists(journalAddress());
  }

  /**
   * The same as {@link #journal} of a run that {@link #isShared}.
   *
   * @throws StoreException as {@link #journal}
   */
  public PostgresJournal sharedJournal() {
    return PostgresJournal.read(journalAddress(), databases);
  }

  /**
   * The database that has the journal of a run that {@link #isShared}, as a URL to be shown.
   * Nothing connects to it.
   *
   * @throws StoreException if its {@code journal.conf} cannot be read
   */
  public String sharedDatabase() {
    return RunDatabase.read(journalAddress()).toString();
  }

  /**
   * Whether the user named {@link #sharedDatabase}, so that it may be asked.
   *
   * @throws StoreException as {@link #sharedDatabase}
   */
  public boolean isInNamedDatabase() {
    return databases.holding(RunDatabase.read(journalAddress())).isPresent();
  }

  /** Where its index is kept: derived from the journal, and there or not. */
  public Path index() {
    return path.resolve("index.db");
  }

  /** What the coordinator reported of a cluster's run; there once it has ended. */
  public Path fleetJson() {
    return path.resolve("fleet.json");
  }

  /** The figures; there once the run has ended. */
  public Path reportJson() {
    return path.resolve("report.json");
  }

  /**
   * The directory at {@code path}, whatever is in it and however damaged it is; only its files, its
   * lock, its removal and where its journal is are to be asked for.
   */
  public static RunDirectory unchecked(Path path) {
    return new RunDirectory(path);
  }

  /** The same with databases as for {@link #open(Path, NamedDatabases)}. */
  public static RunDirectory unchecked(Path path, NamedDatabases databases) {
    return new RunDirectory(path, databases);
  }

  /**
   * Whether there is a run at {@code path}, sound or not: a directory with a scenario and a journal
   * or its address.
   */
  public static boolean isAt(Path path) {
    RunDirectory run = new RunDirectory(path);
    return (Files.isRegularFile(run.journalFile(), LinkOption.NOFOLLOW_LINKS)
            || Files.isRegularFile(run.journalAddress(), LinkOption.NOFOLLOW_LINKS))
        && Files.isRegularFile(run.scenario(), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The files in it that are the run's own, the journal last. What else is in the directory is
   * somebody's.
   *
   * @throws StoreException if the directory cannot be read
   */
  public List<Path> files() {
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(file -> OWN_FILES.matcher(file.getFileName().toString()).matches())
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted(
              Comparator.comparing(
                      (Path file) -> file.equals(journalFile()) || file.equals(journalAddress()))
                  .thenComparing(Comparator.naturalOrder()))
          .toList();
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(path, FileErrors.reason(e)), e);
    }
  }

  /** Bytes of its files. */
  public long bytes() {
    return files().stream().mapToLong(RunDirectory::size).sum();
  }

  /** Bytes that can still be written on its file system; empty if that is not known. */
  public OptionalLong freeBytes() {
    try {
      return OptionalLong.of(Files.getFileStore(path).getUsableSpace());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Removes the run's own files, and the directory if nothing else is in it. What a shared database
   * holds stays there.
   *
   * @return whether the directory is gone
   * @throws StoreException if something cannot be removed; what is left is then a damaged run
   */
  public boolean remove() {
    try {
      for (Path file : files()) {
        Files.deleteIfExists(file);
      }
      if (!isEmptyDirectory(path)) {
        return false;
      }
      Files.delete(path);
      return true;
    } catch (IOException e) {
      throw new StoreException("%s cannot be removed: %s".formatted(path, FileErrors.reason(e)), e);
    }
  }

  /**
   * Says that this process is at work on the run, until the lock is closed.
   *
   * @throws StoreException if another one is
   */
  public RunLock lock() {
    return RunLock.take(lockFile());
  }

  /** Whether a process of this machine is at work on the run's files. */
  public boolean isRunning() {
    return RunLock.isTaken(lockFile());
  }

  private Path lockFile() {
    return path.resolve("lock");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      // A file that went meanwhile, as SQLite's own files do.
      return 0;
    }
  }

  private Path journalFile() {
    return path.resolve("journal.db");
  }

  private Path journalAddress() {
    return path.resolve("journal.conf");
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
