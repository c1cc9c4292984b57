package dev.mapstorm.protocol.message;

import dev.mapstorm.protocol.DmaError;

/**
 * What a driver hears: the answers of its domain, completions of its device, and its own timers.
 */
public sealed interface DriverMessage extends Message {
  /** Hands itself to who hears it: calls the method that is named like it. */
  void to(Receiver receiver);

  /** Who hears these messages: one method for each. */
  interface Receiver {
    /** See {@link Start}. */
    void start(Start m);

    /** See {@link Wake}. */
    void wake(Wake m);

    /** See {@link Completed}. */
    void completed(Completed m);

    /** See {@link Stolen}. */
    void stolen(Stolen m);

    /** See {@link PageFault}. */
    default void pageFault(PageFault m) {
      throw new IllegalStateException(getClass().getSimpleName() + " is sent no " + m);
    }

    /** See {@link Answer}. */
    void answer(Answer m);
  }

  /** The run begins. */
  record Start() implements DriverMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.start(this);
    }
  }

  /** A timer of the driver's own: the next request of an open loop or of a recording is due. */
  record Wake() implements DriverMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.wake(this);
    }
  }

  /**
   * The device is done with the request that was posted with {@code tag}; {@code faulted} if it met
   * an address that it may not use.
   */
  record Completed(long op, int tag, boolean faulted) implements DriverMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.completed(this);
    }
  }

  /** A device needs the buffer at a {@code place} of its client, which is not mapped (ODP). */
  record PageFault(int place) implements DriverMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.pageFault(this);
    }
  }

  /** Something else, such as a timer's callback, runs {@code ns} on the driver's CPU. */
  record Stolen(int cpu, long ns) implements DriverMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.stolen(this);
    }
  }

  /** The answer to a DMA call: {@code cpu} returns from it. */
  sealed interface Answer extends DriverMessage {
    /** The CPU that made the call. */
    int cpu();

    /** Hands itself to who made the call: calls the method that is named like it. */
    <R> R to(Caller<R> caller);

    @Override
    default void to(Receiver receiver) {
      receiver.answer(this);
    }

    /**
     * Who made a call: one method for each answer.
     *
     * @param <R> what it makes of an answer
     */
    interface Caller<R> {
      /** See {@link Mapped}. */
      R mapped(Mapped answer);

      /** See {@link BatchStarted}. */
      R batchStarted(BatchStarted answer);

      /** See {@link BatchAdded}. */
      R batchAdded(BatchAdded answer);

      /** See {@link IovaReady}. */
      R iovaReady(IovaReady answer);

      /** See {@link Linked}. */
      R linked(Linked answer);

      /** See {@link LinkFailed}. */
      R linkFailed(LinkFailed answer);

      /** See {@link Unlinked}. */
      R unlinked(Unlinked answer);

      /** See {@link Unmapped}. */
      R unmapped(Unmapped answer);

      /** See {@link Synced}. */
      R synced(Synced answer);

      /** See {@link CallFailed}. */
      R callFailed(CallFailed answer);
    }
  }

  /**
   * The mapping is usable: {@code pages} granules, {@code vectors} are pairs of DMA address and
   * length. Events name it by {@code call}, the call that made it.
   */
  record Mapped(long op, int cpu, int mapping, long call, long pages, long[] vectors)
      implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.mapped(this);
    }
  }

  /** A batch is open; the driver may add to it. */
  record BatchStarted(long op, int cpu, int mapping) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.batchStarted(this);
    }
  }

  /**
   * {@code accepted} of the ranges offered were added; fewer than offered means the batch is full.
   */
  record BatchAdded(long op, int cpu, int mapping, int accepted) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.batchAdded(this);
    }
  }

  /** {@code dma_iova_try_alloc} succeeded. */
  record IovaReady(long op, int cpu, int mapping) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.iovaReady(this);
    }
  }

  /** All ranges of a link call are in the page table. */
  record Linked(long op, int cpu, int mapping, long bytes) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.linked(this);
    }
  }

  /**
   * A link failed: {@code bytes} from {@code address}, where the mapping begins, are linked and
   * stay so. Events name the mapping by {@code call}.
   */
  record LinkFailed(
      long op, int cpu, int mapping, long call, long address, long bytes, DmaError error)
      implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.linkFailed(this);
    }
  }

  /** A part of a two-step mapping was unlinked. */
  record Unlinked(long op, int cpu, int mapping) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.unlinked(this);
    }
  }

  /** The mapping is gone and its number may be used again. */
  record Unmapped(long op, int cpu, int mapping, long call) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.unmapped(this);
    }
  }

  /** A part of a mapping belongs to the CPU, or to the device, as the call asked. */
  record Synced(long op, int cpu) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.synced(this);
    }
  }

  /** A DMA call failed; nothing that it did remains. */
  record CallFailed(long op, int cpu, long call, DmaError error) implements Answer {
    @Override
    public <R> R to(Caller<R> caller) {
      return caller.callFailed(this);
    }
  }
}
