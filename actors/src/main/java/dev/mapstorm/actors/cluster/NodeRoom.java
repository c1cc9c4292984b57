package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The memory that the hosts of a node have together. Those that find no room wait, and are let in
 * in the order in which they came, so that a large one is not passed by small ones for ever. One
 * that may have ended a node before has the whole room to itself, so that it shows whether it was
 * the one. Thread-safe.
 */
final class NodeRoom {
  private final HostRoom room;
  private final Map<String, Long> waiting = new LinkedHashMap<>();
  private final Map<String, Long> inside = new HashMap<>();
  private long taken;

  /** Whether the host that is inside has the room to itself. */
  private boolean closed;

  /** All of it is free. */
  NodeRoom(HostRoom room) {
    this.room = room;
  }

  /**
   * Takes the room of a host, or has it wait.
   *
   * @param host the name of its entity
   * @param alone whether nobody else may be inside
   * @return whether it may begin; if not, it has to ask again
   */
  synchronized boolean enter(String host, HostSpec spec, boolean alone) {
    long bytes = waiting.computeIfAbsent(host, name -> room.ofHost().applyAsLong(spec));
    boolean first = waiting.keySet().iterator().next().equals(host);
    boolean fits = inside.isEmpty() || !alone && !closed && bytes <= room.bytes() - taken;
    if (!first || !fits) {
      return false;
    }
    waiting.remove(host);
    inside.put(host, bytes);
    taken += bytes;
    closed = alone;
    return true;
  }

  /** The host is gone, with all that it took, or does not wait any more. */
  synchronized void leave(String host) {
    waiting.remove(host);
    Long bytes = inside.remove(host);
    taken -= bytes == null ? 0 : bytes;
  }

  /** The names of those that are inside. */
  synchronized Set<String> inside() {
    return Set.copyOf(inside.keySet());
  }
}
