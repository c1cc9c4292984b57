package dev.mapstorm.persistence.index;

import dev.mapstorm.persistence.replay.EventsUntil;
import dev.mapstorm.persistence.replay.FoldSnapshot;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.EntryCursor;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** The part of a {@link RunIndex} that is about one host. Not thread-safe. */
public final class HostIndex {
  private final RunIndex index;
  private final int host;
  private final FoldSnapshot snapshots = new FoldSnapshot();
  private int generation = -1;
  private HostIndexer indexer;
  private boolean complete;
  private List<BatchSummary> batches;

  HostIndex(RunIndex index, int host) {
    this.index = index;
    this.host = host;
  }

  /**
   * The batches of the host up to a moment at least, in order; those that are not in the index are
   * read and indexed.
   */
  public List<BatchSummary> batches(Moment moment, ReadProgress progress) {
    return index.trusting(
        () -> {
          cover(moment, progress);
          if (batches == null) {
            batches = List.copyOf(index.file().batches(host));
          }
          return batches;
        });
  }

  /**
   * The last batch of the host whose events are all before {@code t}, of those that are in the
   * index; empty if there is none. Nothing is read or indexed for it.
   */
  public Optional<BatchSummary> lastBatchBefore(long t) {
    return index.trusting(() -> index.file().lastBatchBefore(host, t));
  }

  /**
   * The events of the host in any order, up to a moment at least; to be closed. What is not in the
   * index is read and indexed first.
   */
  public IndexedBatches events(Moment moment, ReadProgress progress) {
    return new IndexedBatches(index.journal(), host, batches(moment, progress));
  }

  /**
   * The host as it was at a moment: the last state before it, and what happened since.
   *
   * @param progress hears how far reading is, where the index does not go that far
   */
  public HostFold fold(Moment moment, ReadProgress progress) {
    return index.trusting(
        () -> {
          cover(moment, progress);
          Optional<Snapshot> snapshot = index.file().snapshotBefore(host, moment);
          return foldOn(snapshot, moment);
        });
  }

  /** The clients that are seen at work for a device up to a moment. */
  public BitSet clients(int device, Moment moment, ReadProgress progress) {
    BitSet clients = new BitSet();
    for (BatchSummary batch : batches(moment, progress)) {
      batch
          .joined()
          .forEach(
              (client, ofDevice) -> {
                if (ofDevice == device) {
                  clients.set(client);
                }
              });
    }
    return clients;
  }

  /** Continues the index until it holds everything up to a moment. */
  private void cover(Moment moment, ReadProgress progress) {
    if (generation != index.generation()) {
      generation = index.generation();
      indexer = null;
      complete = false;
      batches = null;
    }
    Optional<BatchSummary> last = index.file().lastBatch(host);
    boolean covered =
        last.isPresent() && moment.isWithin(last.get().eventsBehind(), last.get().last());
    if (complete || covered) {
      return;
    }
    JournalReader journal = index.journal();
    double end = journal.lastBatch(host).map(EventBatch::index).orElse(0L) + 1.0;
    if (indexer == null) {
      indexer = index.indexer(host);
    }
    try {
      complete =
          indexer.read(
              journal,
              batch -> {
                progress.read(batch.index() / end, indexer.events());
                return !moment.isWithin(indexer.events(), indexer.last());
              });
    } finally {
      // What was read before damage is good, and nobody else may be locked out meanwhile.
      index.file().commit();
      batches = null;
    }
  }

  private HostFold foldOn(Optional<Snapshot> snapshot, Moment moment) {
    HostFold fold =
        snapshot
            .map(each -> HostIndexer.restored(snapshots, each))
            .orElseGet(() -> index.emptyFold(host));
    EventsUntil until = new EventsUntil(fold, moment, fold.events());
    BatchDecoder decoder = new BatchDecoder(host);
    JournalReader journal = index.journal();
    StreamPosition start = snapshot.map(Snapshot::position).orElse(StreamPosition.START);
    try (EntryCursor cursor = journal.entries(host, start)) {
      JournalEntry entry = cursor.next();
      while (entry != null && !until.past()) {
        if (entry instanceof EventBatch batch) {
          until.take(decoder.decode(batch));
        }
        entry = until.past() ? null : cursor.next();
      }
    }
    return fold;
  }
}
