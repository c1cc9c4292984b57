package dev.mapstorm.actors.time;

import dev.mapstorm.protocol.message.Message;

/**
 * How a message reaches an actor of a host at the present instant: through its mailbox, or a plain
 * queue.
 */
@FunctionalInterface
public interface Delivery {
  /** Hands {@code message} to {@code actor}. */
  void deliver(int actor, Message message);
}
