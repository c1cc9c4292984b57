package dev.mapstorm.actors.time;

import dev.mapstorm.protocol.message.Message;

/**
 * Virtual time of one host, and the only way to speak: to an actor of the host now, or at a later
 * instant. Actors are named by their number in the host (see {@code HostLayout}). Called on the
 * host's lane only.
 */
public interface Clock {
  /** The present virtual instant in nanoseconds. It moves only between messages. */
  long now();

  /** Says {@code message} to {@code actor} at the present instant, behind what was said before. */
  void tell(int actor, Message message);

  /**
   * Says {@code message} to {@code actor} in {@code delayNs}. Messages for the same instant arrive
   * in the order in which they were sent.
   *
   * @throws IllegalArgumentException if the delay is negative
   */
  void send(long delayNs, int actor, Message message);
}
