package dev.mapstorm.persistence.index;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.replay.FoldSnapshot;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.EntryCursor;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Indexes one host: takes its batches in order, and continues an index that ends early. Not
 * thread-safe.
 */
final class HostIndexer {
  /**
   * Events between two states. To show an instant, as many are folded at most, by a program that
   * has just started and is not compiled yet.
   */
  static final long EVENTS_A_SNAPSHOT = 250_000;

  /** How much of the journal a state must be worth, so that large states do not outgrow it. */
  private static final int LEAST_JOURNAL_BYTES_A_BYTE = 4;

  private final IndexFile file;
  private final int host;
  private final long eventsASnapshot;
  private final FoldSnapshot snapshots = new FoldSnapshot();
  private final BitSet known = new BitSet();
  private HostFold fold;
  private StreamPosition position = StreamPosition.START;
  private long indexedBatches;
  private long eventsOfSnapshot;
  private long bytesOfSnapshot;
  private long journalBytesSince;
  private long last;

  /**
   * Continues what is in {@code file}, which belongs to the host's journal; the last state is taken
   * up, and what follows it has to be seen again.
   *
   * @param parameters of the IOVA caches of each domain
   * @param eventsASnapshot between two states, such as {@link #EVENTS_A_SNAPSHOT}
   */
  HostIndexer(IndexFile file, int host, List<IovaParameters> parameters, long eventsASnapshot) {
    this.file = file;
    this.host = host;
    this.eventsASnapshot = eventsASnapshot;
    Optional<Snapshot> snapshot = file.snapshotBefore(host, Moment.END);
    fold = new HostFold(parameters);
    if (snapshot.isPresent()) {
      takeUp(snapshot.get());
    }
    for (BatchSummary batch : file.batches(host)) {
      batch.joined().keySet().forEach(known::set);
      indexedBatches++;
    }
  }

  private void takeUp(Snapshot snapshot) {
    fold = restored(snapshots, snapshot);
    position = snapshot.position();
    last = snapshot.last();
    eventsOfSnapshot = fold.events();
    bytesOfSnapshot = snapshot.state().length;
  }

  /** The fold of a state. */
  static HostFold restored(FoldSnapshot snapshots, Snapshot snapshot) {
    try {
      HostFold fold = snapshots.read(snapshot.state());
      if (fold.events() == snapshot.position().events()) {
        return fold;
      }
      throw new UntrustedIndexException(
          "its state after batch %d is of another place".formatted(snapshot.position().batches()));
    } catch (IllegalArgumentException e) {
      throw new UntrustedIndexException(e.getMessage(), e);
    }
  }

  /** Batches seen. */
  long batches() {
    return position.batches();
  }

  /** Events seen. */
  long events() {
    return fold.events();
  }

  /** Instant of the last of them. */
  long last() {
    return last;
  }

  /** Takes the next batch: that number {@link #batches}. */
  void take(EventWords events, EventBatch batch) {
    if (batch.index() >= indexedBatches) {
      BatchSummary summary = BatchSummary.of(batch, events, fold, known);
      summary.joined().keySet().forEach(known::set);
      file.add(host, summary);
      indexedBatches++;
    } else {
      events.forEach(fold);
    }
    position = new StreamPosition(batch.index() + 1, fold.events(), batch.hash());
    last = batch.last();
    journalBytesSince += batch.payload().length;
    if (isSnapshotDue()) {
      byte[] state = snapshots.write(fold);
      file.add(host, new Snapshot(position, last, state));
      eventsOfSnapshot = fold.events();
      bytesOfSnapshot = state.length;
      journalBytesSince = 0;
    }
  }

  private boolean isSnapshotDue() {
    return fold.events() - eventsOfSnapshot >= eventsASnapshot
        && journalBytesSince >= bytesOfSnapshot * LEAST_JOURNAL_BYTES_A_BYTE;
  }

  /** Says whether to go on with a batch. */
  @FunctionalInterface
  interface Continuation {
    /** Whether a batch that is about to be read is wanted. */
    boolean wants(EventBatch batch);
  }

  /**
   * Reads the journal on from where it is, as long as batches are wanted; they are verified.
   *
   * @return whether the journal ended before a batch was refused
   */
  boolean read(JournalReader journal, Continuation continuation) {
    BatchDecoder decoder = new BatchDecoder(host);
    try (EntryCursor cursor = journal.entries(host, position)) {
      for (JournalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        if (entry instanceof EventBatch batch) {
          if (!continuation.wants(batch)) {
            return false;
          }
          take(decoder.decode(batch), batch);
        }
      }
      return true;
    }
  }
}
