package dev.mapstorm.persistence.index;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The index of a run while it is written. It never disturbs the run: whatever goes wrong with it is
 * said once, and the run goes on without. Thread-safe.
 */
public final class LiveIndex implements AutoCloseable {
  private static final BatchObserver NOTHING = (events, batch) -> {};

  private final Consumer<String> notes;
  private final Optional<JournalReader> journal;
  private final long eventsASnapshot;
  private IndexFile file;
  private volatile boolean working;

  private LiveIndex() {
    notes = note -> {};
    journal = Optional.empty();
    eventsASnapshot = 0;
  }

  /**
   * Opens or makes the index of a run that this process writes.
   *
   * @param notes hears once, should the index fail
   */
  public LiveIndex(RunDirectory directory, Consumer<String> notes) {
    this(directory, notes, HostIndexer.EVENTS_A_SNAPSHOT);
  }

  LiveIndex(RunDirectory directory, Consumer<String> notes, long eventsASnapshot) {
    this.eventsASnapshot = eventsASnapshot;
    this.notes = notes;
    journal = Optional.of(directory.journal().reader());
    working = true;
    guarded(() -> file = open(directory.index(), directory.journal().reader()));
  }

  /** What is there of a run that goes on; an empty one where it cannot be trusted. */
  private static IndexFile open(Path path, JournalReader journal) {
    IndexFile opened = null;
    try {
      opened = IndexFile.open(path);
      opened.checkBelongsTo(journal);
      return opened;
    } catch (UntrustedIndexException e) {
      closeQuietly(opened);
      IndexFile.delete(path);
      return IndexFile.open(path);
    } catch (StoreException e) {
      closeQuietly(opened);
      throw e;
    }
  }

  /** No index: a run that is to have none. */
  public static LiveIndex off() {
    return new LiveIndex();
  }

  /**
   * What indexes a host. If its first batch is not the one behind those in the index, it reads what
   * is between from the journal.
   *
   * @param parameters of the IOVA caches of each domain
   */
  public BatchObserver observer(int host, List<IovaParameters> parameters) {
    return journal.map(reader -> observer(reader, host, parameters)).orElse(NOTHING);
  }

  private BatchObserver observer(JournalReader reader, int host, List<IovaParameters> parameters) {
    return new BatchObserver() {
      private HostIndexer indexer;

      @Override
      public void batch(EventWords events, EventBatch batch) {
        guarded(() -> take(events, batch));
      }

      @Override
      public void ended() {
        indexer = null;
      }

      private void take(EventWords events, EventBatch batch) {
        if (indexer == null) {
          indexer = new HostIndexer(file, host, parameters, eventsASnapshot);
        }
        if (indexer.batches() < batch.index()) {
          indexer.read(reader, each -> each.index() < batch.index());
        }
        if (indexer.batches() == batch.index()) {
          indexer.take(events, batch);
        }
      }
    };
  }

  private void guarded(Runnable work) {
    if (!working) {
      return;
    }
    try {
      work.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private synchronized void failed(RuntimeException e) {
    if (working) {
      working = false;
      notes.accept(
          "the run continues without its index, which replay will make: %s"
              .formatted(e.getMessage()));
    }
  }

  /** Writes what is outstanding; to be called when no observer is at work any more. */
  @Override
  public void close() {
    if (file == null) {
      return;
    }
    if (working) {
      guarded(file::close);
    } else {
      closeQuietly(file);
    }
  }

  /** Gives up a file whose content does not matter any more. */
  private static void closeQuietly(IndexFile given) {
    try {
      if (given != null) {
        given.close();
      }
    } catch (UntrustedIndexException e) {
      // It is given up.
      return;
    }
  }
}
