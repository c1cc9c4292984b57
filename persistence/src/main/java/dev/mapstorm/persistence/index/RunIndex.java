package dev.mapstorm.persistence.index;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.pekko.DiskFull;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * The index of a run for whoever reads it. It is used as far as it goes and completed on the way;
 * one that is damaged, of another run or of another version is thrown away and made again. Where it
 * cannot be written, or another process is writing it, it is completed in memory. Not thread-safe.
 */
public final class RunIndex implements AutoCloseable {
  private final RunDirectory directory;
  private final JournalReader journal;
  private final IntFunction<List<IovaParameters>> parameters;
  private final Consumer<String> notes;
  private final long eventsASnapshot;
  private final Map<Integer, HostIndex> hosts = new HashMap<>();
  private IndexFile file;

  /** Whether the run's directory may be written to. */
  private boolean onDisk = true;

  /** Changes when the index is thrown away. */
  private int generation;

  /**
   * Opens the index of a run, or makes an empty one.
   *
   * @param parameters of the IOVA caches of each domain of a host
   * @param notes hears why an index is thrown away or kept in memory
   */
  public RunIndex(
      RunDirectory directory,
      IntFunction<List<IovaParameters>> parameters,
      Consumer<String> notes) {
    this(directory, parameters, notes, HostIndexer.EVENTS_A_SNAPSHOT);
  }

  RunIndex(
      RunDirectory directory,
      IntFunction<List<IovaParameters>> parameters,
      Consumer<String> notes,
      long eventsASnapshot) {
    this(directory, directory.journal().reader(), parameters, notes, eventsASnapshot);
    file = open();
  }

  private RunIndex(
      RunDirectory directory,
      JournalReader journal,
      IntFunction<List<IovaParameters>> parameters,
      Consumer<String> notes,
      long eventsASnapshot) {
    this.directory = directory;
    this.journal = journal;
    this.parameters = parameters;
    this.notes = notes;
    this.eventsASnapshot = eventsASnapshot;
  }

  /**
   * An empty index in memory, of a run whose directory is left as it is.
   *
   * @param journal what reads the run, such as what can be salvaged of it
   * @param parameters of the IOVA caches of each domain of a host
   */
  public static RunIndex inMemory(
      RunDirectory directory, JournalReader journal, IntFunction<List<IovaParameters>> parameters) {
    RunIndex index =
        new RunIndex(directory, journal, parameters, note -> {}, HostIndexer.EVENTS_A_SNAPSHOT);
    index.onDisk = false;
    index.file = IndexFile.inMemory();
    return index;
  }

  /** The index of a host. */
  public HostIndex host(int host) {
    return hosts.computeIfAbsent(host, number -> new HostIndex(this, number));
  }

  private IndexFile open() {
    Path path = directory.index();
    if (!Files.isWritable(directory.path())) {
      notes.accept("%s cannot be written: the index is kept in memory".formatted(directory.path()));
    } else if (!directory.isRunning()) {
      return opened(() -> IndexFile.open(path));
    }
    return Files.exists(path) ? opened(() -> IndexFile.copyOf(path)) : IndexFile.inMemory();
  }

  /** Opens an index that exists; if it cannot be trusted, an empty one. */
  private IndexFile opened(Supplier<IndexFile> source) {
    IndexFile opened = null;
    try {
      opened = source.get();
      opened.checkBelongsTo(journal);
      return opened;
    } catch (UntrustedIndexException e) {
      closeQuietly(opened);
      return fresh(e);
    } catch (DamagedJournalException e) {
      // What is damaged is told by whoever reads it, and what stands before it can be shown.
      closeQuietly(opened);
      return IndexFile.inMemory();
    } catch (StoreException e) {
      closeQuietly(opened);
      throw e;
    }
  }

  /** An empty index in place of one that cannot be used. */
  private IndexFile fresh(UntrustedIndexException why) {
    generation++;
    if (DiskFull.isCause(why)) {
      // It may be whole, and could not be made again.
      return inMemory(why);
    }
    if (onDisk && !directory.isRunning() && generation == 1) {
      try {
        IndexFile.delete(directory.index());
        IndexFile made = IndexFile.open(directory.index());
        notes.accept(
            "the index of %s is made again: %s".formatted(directory.path(), why.getMessage()));
        return made;
      } catch (UntrustedIndexException e) {
        return inMemory(e);
      }
    }
    return inMemory(why);
  }

  private IndexFile inMemory(UntrustedIndexException why) {
    notes.accept(
        "the index of %s is kept in memory: %s".formatted(directory.path(), why.getMessage()));
    return IndexFile.inMemory();
  }

  /**
   * Does what needs the index; if that finds that it cannot be trusted, throws the index away and
   * does it once more with an empty one, at last in memory.
   */
  <T> T trusting(Supplier<T> work) {
    try {
      return work.get();
    } catch (UntrustedIndexException e) {
      closeQuietly(file);
      file = fresh(e);
      return generation > 2 ? work.get() : trusting(work);
    }
  }

  private static void closeQuietly(IndexFile file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (UntrustedIndexException e) {
      // It is given up.
      return;
    }
  }

  IndexFile file() {
    return file;
  }

  int generation() {
    return generation;
  }

  JournalReader journal() {
    return journal;
  }

  /** What indexes a host from where the index ends. */
  HostIndexer indexer(int host) {
    return new HostIndexer(file, host, parameters.apply(host), eventsASnapshot);
  }

  /** A host without events. */
  HostFold emptyFold(int host) {
    return new HostFold(parameters.apply(host));
  }

  /** Keeps what was made. */
  @Override
  public void close() {
    closeQuietly(file);
  }
}
