package dev.mapstorm.actors.time;

import dev.mapstorm.protocol.message.Message;

/**
 * The clock of one host. It holds what is due later; whoever runs the host's actors calls {@link
 * #step()} when they have nothing left to do, and the clock moves to the earliest message and
 * delivers it. That is the whole scheduler: a host's life is a pure function of its specification.
 *
 * <p>Not thread-safe: everything but {@link #published()} and {@link #requestStop()} is called on
 * the host's lane.
 */
public final class HostClock implements Clock {

  /** What a step did. */
  public enum Step {
    /** The earliest message was delivered. */
    RAN,
    /** The journal takes no more for now; virtual time stands until it does. */
    HELD,
    /** Nothing is left before the end of the run, and all events are with the journal. */
    ENDED,
    /**
     * The run was asked to stop; what was not yet with the journal is dropped, so that the journal
     * is a prefix of the whole run.
     */
    STOPPED
  }

  private final MessageHeap heap = new MessageHeap();
  private final long endNs;
  private final EventGate gate;
  private Delivery delivery;
  private long now;
  private long delivered;
  private volatile long published;
  private volatile boolean stopRequested;

  /**
   * A clock at 0.
   *
   * @param endNs last instant at which messages are delivered
   * @param gate where the host's events leave for the journal
   */
  public HostClock(long endNs, EventGate gate) {
    this.endNs = endNs;
    this.gate = gate;
  }

  /** Sets the way to the actors; before the first step. */
  public void deliverThrough(Delivery way) {
    delivery = way;
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public void tell(int actor, Message message) {
    delivered++;
    delivery.deliver(actor, message);
  }

  @Override
  public void send(long delayNs, int actor, Message message) {
    if (delayNs < 0) {
      throw new IllegalArgumentException(
          "actor %d would hear %s %d ns ago".formatted(actor, message, -delayNs));
    }
    heap.add(now + delayNs, actor, message);
  }

  /**
   * Moves to the earliest message and delivers it, unless the run ends or the journal holds the
   * clock.
   */
  public Step step() {
    if (stopRequested) {
      return Step.STOPPED;
    }
    if (heap.size() == 0 || heap.earliest() > endNs) {
      return finish();
    }
    long next = heap.earliest();
    if (gate.isDue(next) && !gate.cut(next)) {
      return Step.HELD;
    }
    if (next != now) {
      now = next;
      published = next;
    }
    int actor = heap.target();
    delivered++;
    delivery.deliver(actor, heap.remove());
    return Step.RAN;
  }

  private Step finish() {
    if (!gate.isEmpty() && !gate.finish(now)) {
      return Step.HELD;
    }
    return Step.ENDED;
  }

  /** The instant of the earliest message; the present one if there is none. */
  public long next() {
    return heap.size() == 0 ? now : heap.earliest();
  }

  /** What is due later. */
  public MessageHeap inFlight() {
    return heap;
  }

  /**
   * Sets a new clock to the instant of a checkpoint; what was in flight is sent again behind that.
   */
  public void restore(long instant, long messagesDelivered) {
    now = instant;
    published = instant;
    delivered = messagesDelivered;
  }

  /** Messages that actors were told, now or after a delay. Called on the lane, or after the end. */
  public long delivered() {
    return delivered;
  }

  /** The instant, as seen from other threads, a little late. */
  public long published() {
    return published;
  }

  /** Lets the next step answer {@link Step#STOPPED}. May be called from any thread. */
  public void requestStop() {
    stopRequested = true;
  }
}
