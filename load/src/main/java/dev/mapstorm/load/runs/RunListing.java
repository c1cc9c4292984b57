package dev.mapstorm.load.runs;

import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.PostgresJournal;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.persistence.store.UnreachableStoreException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Finds runs. However long their journals are, only the ends are read. */
public final class RunListing {
  /** Directories below the one that is looked through: runs are kept in groups at most. */
  private static final int DEPTH = 4;

  private static final Comparator<ListedRun> NEWEST_FIRST =
      Comparator.comparing(ListedRun::started).reversed().thenComparing(ListedRun::path);

  private RunListing() {}

  /**
   * The runs in {@code parent} and up to {@value #DEPTH} directories below it, the newest first. A
   * link below it is not followed: what it leads to is kept, and may be removed, somewhere else. A
   * directory that may not be read is passed over.
   *
   * @param databases that the user named; what other database a directory names is only listed
   * @param ask whether they are asked about the runs in them; nothing is connected to otherwise
   * @throws StoreException if there is no such directory or it cannot be read
   */
  public static List<ListedRun> below(Path parent, NamedDatabases databases, boolean ask) {
    if (!Files.isDirectory(parent)) {
      throw new StoreException(
          "%s %s"
              .formatted(parent, Files.exists(parent) ? "is not a directory" : "does not exist"));
    }
    try {
      // The parent itself may be a link, to another disk for instance.
      return below(parent, parent.toRealPath(), databases, ask);
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(parent, FileErrors.reason(e)), e);
    }
  }

  private static List<ListedRun> below(
      Path parent, Path real, NamedDatabases databases, boolean ask) throws IOException {
    Directories directories = new Directories(real);
    Files.walkFileTree(real, Set.of(), DEPTH, directories);
    return directories.found.stream()
        .map(path -> path.equals(real) ? parent : parent.resolve(real.relativize(path)))
        .filter(RunDirectory::isAt)
        .map(path -> look(path, databases, ask))
        .sorted(NEWEST_FIRST)
        .toList();
  }

  /** Collects directories, those at the depth's end too. */
  private static final class Directories extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<Path> found = new ArrayList<>();

    Directories(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      found.add(directory);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isDirectory()) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (file.equals(root)) {
        throw e;
      }
      return FileVisitResult.CONTINUE;
    }
  }

  private static ListedRun look(Path path, NamedDatabases databases, boolean ask) {
    RunDirectory directory = RunDirectory.unchecked(path, databases);
    Found found = new Found(path, started(directory), directory.bytes());
    boolean running = directory.isRunning();
    String database = "";
    try {
      if (directory.isShared()) {
        database = directory.sharedDatabase();
        if (!directory.isInNamedDatabase()) {
          return found.as(ListedRun.State.ELSEWHERE, "", database, null);
        }
        if (!ask) {
          return found.as(ListedRun.State.NOT_ASKED, "", database, null);
        }
        PostgresJournal journal = directory.sharedJournal();
        database = journal.address().url();
        if (!journal.exists()) {
          return found.as(ListedRun.State.EMPTY, "", database, null);
        }
        running = journal.isActive();
      }
      RecordedRun run = RecordedRun.open(path, databases);
      SimulationResult end = JournalEnds.of(run.journal());
      boolean complete = run.scenario().isComplete(end);
      ListedRun.State state = state(complete, running, directory);
      return found.as(state, "", database, content(run, end, complete));
    } catch (UnreachableStoreException e) {
      return found.as(ListedRun.State.UNREACHABLE, e.getMessage(), database, null);
    } catch (StoreException | ScenarioException e) {
      // A run that just begins has nothing in its journal yet; that is no damage.
      return running
          ? found.as(ListedRun.State.RUNNING, "", database, null)
          : found.as(ListedRun.State.DAMAGED, e.getMessage(), database, null);
    }
  }

  private static ListedRun.State state(boolean complete, boolean running, RunDirectory directory) {
    // The journal of a cluster's run counts as written to for a while after its end.
    if (running && !(directory.isShared() && complete)) {
      return ListedRun.State.RUNNING;
    }
    return complete ? ListedRun.State.COMPLETE : ListedRun.State.INTERRUPTED;
  }

  /** What is known of a run without its journal. */
  private record Found(Path path, Instant started, long bytes) {
    ListedRun as(ListedRun.State state, String reason, String database, ListedRun.Content content) {
      return new ListedRun(path, state, reason, database, started, bytes, content);
    }
  }

  private static Instant started(RunDirectory directory) {
    try {
      return Files.getLastModifiedTime(directory.scenario()).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH;
    }
  }

  private static ListedRun.Content content(
      RecordedRun run, SimulationResult end, boolean complete) {
    List<HostResult> hosts = end.hosts();
    ResolvedScenario scenario = run.scenario();
    return new ListedRun.Content(
        scenario.name(),
        scenario.seed(),
        scenario.version(),
        hosts.size(),
        // A host that has not begun is at the start.
        run.lacksHosts() ? 0 : hosts.stream().mapToLong(HostResult::endNs).min().orElse(0),
        scenario.durationNs().orElse(-1),
        hosts.stream().mapToLong(HostResult::batches).sum(),
        complete ? end.events() : -1,
        end.hash());
  }
}
