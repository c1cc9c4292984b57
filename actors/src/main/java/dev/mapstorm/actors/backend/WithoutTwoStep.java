package dev.mapstorm.actors.backend;

import dev.mapstorm.protocol.message.DomainMessage;

/**
 * A backend that refuses {@code dma_iova_try_alloc} with {@code NOT_SUPPORTED}, so that its callers
 * map element by element: the calls that would follow are never made.
 */
public interface WithoutTwoStep extends Backend {
  @Override
  default void iovaLink(DomainMessage.IovaLink m) {
    throw neverAsked(m);
  }

  @Override
  default void iovaSync(DomainMessage.IovaSync m) {
    throw neverAsked(m);
  }

  @Override
  default void iovaUnlink(DomainMessage.IovaUnlink m) {
    throw neverAsked(m);
  }

  @Override
  default void iovaDestroy(DomainMessage.IovaDestroy m) {
    throw neverAsked(m);
  }

  @Override
  default void iovaFree(DomainMessage.IovaFree m) {
    throw neverAsked(m);
  }

  private static IllegalStateException neverAsked(DomainMessage.DmaCall call) {
    return new IllegalStateException("no IOVA was given out, and yet there is " + call);
  }
}
