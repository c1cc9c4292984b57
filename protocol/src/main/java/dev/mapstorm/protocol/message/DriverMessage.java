package dev.mapstorm.protocol.message;

import dev.mapstorm.protocol.DmaError;

/**
 * What a driver hears: the answers of its domain, completions of its device, and its own timers.
 */
public sealed interface DriverMessage extends Message {

  /** The run begins. */
  record Start() implements DriverMessage {}

  /** A timer of the driver's own: the next request of an open loop or of a recording is due. */
  record Wake() implements DriverMessage {}

  /**
   * The device is done with the request that was posted with {@code tag}; {@code faulted} if it met
   * an address that it may not use.
   */
  record Completed(long op, int tag, boolean faulted) implements DriverMessage {}

  /** Something else, such as a timer's callback, runs {@code ns} on the driver's CPU. */
  record Stolen(int cpu, long ns) implements DriverMessage {}

  /** The answer to a DMA call: {@code cpu} returns from it. */
  sealed interface Answer extends DriverMessage {
    /** The CPU that made the call. */
    int cpu();
  }

  /**
   * The mapping is usable: {@code pages} granules, {@code vectors} are pairs of DMA address and
   * length. It is known in events by {@code call}, the call that made it.
   */
  record Mapped(long op, int cpu, int mapping, long call, long pages, long[] vectors)
      implements Answer {}

  /** A batch is open; the driver may add to it. */
  record BatchStarted(long op, int cpu, int mapping) implements Answer {}

  /**
   * {@code accepted} of the ranges offered were added; fewer than offered means the batch is full.
   */
  record BatchAdded(long op, int cpu, int mapping, int accepted) implements Answer {}

  /** {@code dma_iova_try_alloc} succeeded. */
  record IovaReady(long op, int cpu, int mapping) implements Answer {}

  /** All ranges of a link call are in the page table. */
  record Linked(long op, int cpu, int mapping, long bytes) implements Answer {}

  /** A part of a two-step mapping was unlinked. */
  record Unlinked(long op, int cpu, int mapping) implements Answer {}

  /** The mapping is gone and its number may be used again. */
  record Unmapped(long op, int cpu, int mapping, long call) implements Answer {}

  /** A DMA call failed; nothing that it did remains. */
  record CallFailed(long op, int cpu, long call, DmaError error) implements Answer {}
}
