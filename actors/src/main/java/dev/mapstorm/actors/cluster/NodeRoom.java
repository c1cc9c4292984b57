package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The memory that the hosts of a node have together. Those that find no room wait, and are let in
 * in the order in which they came, so that a large one is not passed by small ones for ever.
 * Thread-safe.
 */
final class NodeRoom {
  private final HostRoom room;
  private final Map<String, Long> waiting = new LinkedHashMap<>();
  private final Map<String, Long> inside = new HashMap<>();
  private long taken;

  /** All of it is free. */
  NodeRoom(HostRoom room) {
    this.room = room;
  }

  /**
   * Takes the room of a host, or has it wait.
   *
   * @param host the name of its entity
   * @return whether it may begin; if not, it has to ask again
   */
  synchronized boolean enter(String host, HostSpec spec) {
    long bytes = waiting.computeIfAbsent(host, name -> room.ofHost().applyAsLong(spec));
    boolean first = waiting.keySet().iterator().next().equals(host);
    if (!first || !inside.isEmpty() && bytes > room.bytes() - taken) {
      return false;
    }
    waiting.remove(host);
    inside.put(host, bytes);
    taken += bytes;
    return true;
  }

  /** The host is gone, with all that it took, or does not wait any more. */
  synchronized void leave(String host) {
    waiting.remove(host);
    Long bytes = inside.remove(host);
    taken -= bytes == null ? 0 : bytes;
  }
}
