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

  /** A CPU of a recorded client is free for its next call. */
  record CpuFree(int cpu) implements DriverMessage {}

  /** The mapping is usable: {@code vectors} are pairs of DMA address and length. */
  record Mapped(long op, int mapping, int cpu, long[] vectors) implements DriverMessage {}

  /** A batch is open; the driver may add to it. */
  record BatchStarted(long op, int mapping) implements DriverMessage {}

  /**
   * {@code accepted} of the ranges offered were added; fewer than offered means the batch is full.
   */
  record BatchAdded(long op, int mapping, int accepted) implements DriverMessage {}

  /** {@code dma_iova_try_alloc} succeeded. */
  record IovaReady(long op, int mapping) implements DriverMessage {}

  /** All ranges of a link call are in the page table. */
  record Linked(long op, int mapping, long bytes) implements DriverMessage {}

  /** A part of a two-step mapping was unlinked. */
  record Unlinked(long op, int mapping, long bytes) implements DriverMessage {}

  /** The mapping is gone and its number may be used again. */
  record Unmapped(long op, int mapping, int cpu) implements DriverMessage {}

  /** A DMA call failed; nothing of it remains mapped. */
  record MapFailed(long op, int cpu, DmaError error) implements DriverMessage {}

  /**
   * The device is done with the request; {@code faulted} if it met an address that it may not use.
   */
  record Completed(long op, boolean faulted) implements DriverMessage {}

  /** Something else, such as a timer's callback, ran {@code ns} on the driver's CPU. */
  record Stolen(int cpu, long ns) implements DriverMessage {}
}
