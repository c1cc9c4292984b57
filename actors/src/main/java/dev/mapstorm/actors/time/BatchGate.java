package dev.mapstorm.actors.time;

import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.protocol.event.EventWords;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Cuts a host's events into batches by count and by virtual time. Full buffers leave to the
 * journal's side, and come back empty from there; the buffers that are left are the journal's
 * credit. Without one the clock is held, which costs wall time and no virtual time.
 *
 * <p>Every so many events a checkpoint of the host goes with the batch that completes them: the
 * host as it is between that batch and the next.
 *
 * <p>{@link #giveBack} and {@link #wantCheckpoint} may be called from any thread, everything else
 * on the host's lane.
 */
public final class BatchGate implements EventGate {
  /**
   * Small enough for the lane's own cache: a buffer that comes back from the journal is in another
   * core's.
   */
  private static final int STAGED_WORDS = 4096;

  /** Takes each batch; the buffer is its own until it gives it back. */
  @FunctionalInterface
  public interface Outlet {
    /**
     * A batch is complete, and {@code checkpoint} is the host behind it, if it was time for one.
     */
    void batch(EventWords events, Optional<byte[]> checkpoint);
  }

  private final EventWords current;
  private final ConcurrentLinkedDeque<EventWords> credit = new ConcurrentLinkedDeque<>();
  private final JournalSpec spec;
  private final Outlet journal;
  private Runnable beforeCut = () -> {};
  private Supplier<byte[]> host;
  private Consumer<RuntimeException> checkpointFailed = e -> {};
  private EventWords filling;
  private long intervalEnd;
  private long eventsSinceCheckpoint;
  private volatile boolean checkpointWanted;

  /**
   * A gate for the events in {@code current}.
   *
   * @param current the buffer that the host's models write into, for the whole run
   * @param journal takes each batch
   */
  public BatchGate(JournalSpec spec, EventWords current, Outlet journal) {
    this.spec = spec;
    this.current = current;
    this.journal = journal;
    this.intervalEnd = spec.batchIntervalNs();
    for (int i = 0; i < spec.credits(); i++) {
      credit.add(new EventWords(0));
    }
  }

  /** Lets {@code report} write its sums into a batch before it leaves. */
  public void beforeCut(Runnable report) {
    beforeCut = report;
  }

  /**
   * Takes checkpoints.
   *
   * @param writer gives the host as bytes; called on the lane between two messages, when all events
   *     so far have left
   * @param failed hears, on the lane, why there are no bytes; the batch leaves without a checkpoint
   */
  public void checkpointWith(Supplier<byte[]> writer, Consumer<RuntimeException> failed) {
    host = writer;
    checkpointFailed = failed;
  }

  /**
   * Goes on behind a checkpoint, which is the border of a batch.
   *
   * @param next the instant that the clock will move to first
   */
  public void resume(long next) {
    intervalEnd = endOfInterval(next);
  }

  @Override
  public boolean isDue(long next) {
    return current.size() >= STAGED_WORDS || isComplete(next);
  }

  private boolean isComplete(long next) {
    int count = count();
    return count >= spec.batchEvents() || (next >= intervalEnd && count > 0);
  }

  private int count() {
    return current.count() + (filling == null ? 0 : filling.count());
  }

  @Override
  public boolean isEmpty() {
    return count() == 0;
  }

  @Override
  public boolean cut(long next) {
    if (!hasBuffer()) {
      return false;
    }
    if (isComplete(next)) {
      EventWords full = complete(next);
      eventsSinceCheckpoint += full.count();
      journal.batch(full, checkpoint());
    } else {
      spill();
    }
    return true;
  }

  @Override
  public boolean finish(long next) {
    if (!hasBuffer()) {
      return false;
    }
    journal.batch(complete(next), Optional.empty());
    return true;
  }

  private Optional<byte[]> checkpoint() {
    boolean due = spec.checkpointEvents() > 0 && eventsSinceCheckpoint >= spec.checkpointEvents();
    if (host == null || !(due || checkpointWanted)) {
      return Optional.empty();
    }
    checkpointWanted = false;
    eventsSinceCheckpoint = 0;
    try {
      return Optional.of(host.get());
    } catch (RuntimeException e) {
      checkpointFailed.accept(e);
      return Optional.empty();
    }
  }

  /** Lets a checkpoint go with the next batch, due or not. */
  public void wantCheckpoint() {
    checkpointWanted = true;
  }

  private void spill() {
    filling.append(current);
    current.clear();
  }

  private EventWords complete(long next) {
    beforeCut.run();
    spill();
    EventWords full = filling;
    filling = null;
    intervalEnd = endOfInterval(next);
    return full;
  }

  private long endOfInterval(long instant) {
    return (instant / spec.batchIntervalNs() + 1) * spec.batchIntervalNs();
  }

  /** Whether there is a buffer to fill; it takes one from the credit where it has none. */
  private boolean hasBuffer() {
    if (filling == null) {
      filling = credit.pollFirst();
    }
    return filling != null;
  }

  /** Takes a buffer back that the journal has done with. */
  public void giveBack(EventWords buffer) {
    buffer.clear();
    // The one used last is used next: it is in the cache, and the others need not grow until the
    // store is slow.
    credit.addFirst(buffer);
  }
}
