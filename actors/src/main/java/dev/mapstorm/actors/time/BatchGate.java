package dev.mapstorm.actors.time;

import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.protocol.event.EventWords;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/**
 * Cuts a host's events into batches by count and by virtual time. Full buffers leave to the
 * journal's side, and come back empty from there; the buffers that are left are the journal's
 * credit. Without one the clock is held, which costs wall time and no virtual time.
 *
 * <p>{@link #giveBack} may be called from any thread, everything else on the host's lane.
 */
public final class BatchGate implements EventGate {
  private final EventWords current;
  private final ConcurrentLinkedDeque<EventWords> credit = new ConcurrentLinkedDeque<>();
  private final JournalSpec spec;
  private final Consumer<EventWords> journal;
  private Runnable beforeCut = () -> {};
  private long intervalEnd;

  /**
   * A gate for the events in {@code current}.
   *
   * @param current the buffer that the host's models write into, for the whole run
   * @param journal takes each batch; the buffer is its own until it gives it back
   */
  public BatchGate(JournalSpec spec, EventWords current, Consumer<EventWords> journal) {
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

  @Override
  public boolean isDue(long next) {
    return current.count() >= spec.batchEvents() || (next >= intervalEnd && current.count() > 0);
  }

  @Override
  public boolean isEmpty() {
    return current.count() == 0;
  }

  @Override
  public boolean cut(long next) {
    EventWords empty = credit.pollFirst();
    if (empty == null) {
      return false;
    }
    beforeCut.run();
    current.exchange(empty);
    intervalEnd = (next / spec.batchIntervalNs() + 1) * spec.batchIntervalNs();
    journal.accept(empty);
    return true;
  }

  /** Takes a buffer back that the journal has done with. */
  public void giveBack(EventWords buffer) {
    buffer.clear();
    // The one used last is used next: it is in the cache, and the others need not grow until the
    // store is slow.
    credit.addFirst(buffer);
  }
}
