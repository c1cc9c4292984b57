package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;

/** What an analysis collects of the events of one host. Not thread-safe. */
public interface HostFigures extends EventSink {
  /** Gives up the room that only further events need; none may follow, the figures stay. */
  default void pack() {}
}
