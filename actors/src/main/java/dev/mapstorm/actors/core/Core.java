package dev.mapstorm.actors.core;

import dev.mapstorm.protocol.message.Message;

/**
 * What an actor does, without the actor: hears one message at a time, changes its own state, speaks
 * through the host's {@code Clock} and writes events. Deterministic and single-threaded; the same
 * core runs behind a mailbox or in a bare loop.
 *
 * @param <M> what it hears
 */
public interface Core<M extends Message> {
  /** Hears one message, at the clock's present instant. */
  void on(M message);

  /** Shows what it holds. Called between two messages. */
  void show(HostVisitor visitor);
}
