package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The {@link TrackPool} of each client, under a name of its own. Viewers pack lanes of one name in
 * a time that grows with the square of their number, and a run may have thousands of pages mapped
 * at a time. Not thread-safe.
 */
final class ClientLanes {
  private final Canvas canvas;
  private final RunOutline run;
  private final String name;
  private final SortedMap<Integer, TrackPool> lanes = new TreeMap<>();

  /** TrackPool that are called {@code name} of their client. */
  ClientLanes(Canvas canvas, RunOutline run, String name) {
    this.canvas = canvas;
    this.run = run;
    this.name = name;
  }

  /** The lanes of a client. */
  TrackPool of(int client) {
    return lanes.computeIfAbsent(
        client, number -> new TrackPool(canvas, name + " of " + run.client(number)));
  }

  /** The window has opened. */
  void opened() {
    lanes.values().forEach(TrackPool::opened);
  }

  /** The trace ends. */
  void finish(long t) {
    lanes.values().forEach(each -> each.finish(t));
  }
}
