package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which hosts of a simulation run at a time: in the order of their numbers, as many as there is
 * room for. Not thread-safe.
 */
final class HostQueue {
  private final List<HostSpec> hosts;
  private final HostRoom room;
  private final int[] onLane;
  private final int[] laneOf;
  private long taken;
  private int running;
  private int next;

  /** All hosts wait. */
  HostQueue(List<HostSpec> hosts, int lanes, HostRoom room) {
    this.hosts = hosts;
    this.room = room;
    onLane = new int[lanes];
    laneOf = new int[hosts.size()];
  }

  /** The next host, which runs from now on; empty if none waits or there is no room. */
  OptionalInt begin() {
    if (next == hosts.size()) {
      return OptionalInt.empty();
    }
    long bytes = room.ofHost().applyAsLong(hosts.get(next));
    if (running > 0 && bytes > room.bytes() - taken) {
      return OptionalInt.empty();
    }
    taken += bytes;
    running++;
    laneOf[next] = fewest();
    onLane[laneOf[next]]++;
    return OptionalInt.of(next++);
  }

  /** The lane of a host that began: the one that had the fewest hosts then. */
  int laneOf(int host) {
    return laneOf[host];
  }

  /** A host that ran is gone, with all that it took. */
  void gone(int host) {
    taken -= room.ofHost().applyAsLong(hosts.get(host));
    running--;
    onLane[laneOf[host]]--;
  }

  /** Lets no further host begin; returns the first of those that will not. */
  int close() {
    int from = next;
    next = hosts.size();
    return from;
  }

  private int fewest() {
    int fewest = 0;
    for (int lane = 1; lane < onLane.length; lane++) {
      fewest = onLane[lane] < onLane[fewest] ? lane : fewest;
    }
    return fewest;
  }
}
