package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.protocol.message.DomainMessage;

/** A CPU in {@link SwiotlbDirect}: what it came for and how far it is. Not thread-safe. */
final class SwiotlbCall extends DomainCall {
  private static final int NOBODY = -1;

  /** What a call does when it is resumed. */
  enum Step {
    /** Map the next buffer. */
    MAP,
    /** Copy the next buffer back, or give its slots back if nothing is copied. */
    UNMAP,
    /** Give the slots back of the buffer that was copied. */
    RELEASE,
    /** Add a pool. */
    ADD_POOL
  }

  Step step = Step.MAP;

  /** What it maps or unmaps. */
  int mapping;

  /** The buffer of it that is next. */
  int next;

  void begin(int slot, DomainMessage.DmaCall message, long now) {
    begin(slot, message.client(), message.cpu(), message.op(), now);
    next = 0;
  }

  void beginWork(int slot, int onCpu, long now) {
    begin(slot, NOBODY, onCpu, NOBODY, now);
  }
}
