package dev.mapstorm.load.export.timeline;

import dev.mapstorm.persistence.primitive.SlotPool;
import java.util.ArrayList;
import java.util.List;

/**
 * Things in flight side by side: each has a lane to itself from its beginning to its end, and a
 * lane is used again. What is in flight when the window opens begins there, with its true beginning
 * as the argument {@code since_ns}; what still is at the end of the trace ends there, marked {@code
 * unfinished}. Not thread-safe.
 */
final class TrackPool {
  private final Canvas canvas;
  private final String name;
  private final SlotPool free = new SlotPool();
  private final List<Lane> lanes = new ArrayList<>();

  private static final class Lane {
    private Track track;
    private boolean used;
    private long since;
    private String what = "";
    private Arguments arguments = Arguments.NONE;
    private long last;
  }

  /** TrackPool that all bear {@code name}. */
  TrackPool(Canvas canvas, String name) {
    this.canvas = canvas;
    this.name = name;
  }

  /**
   * Something begins.
   *
   * @return its lane
   */
  int begin(long t, String what, Arguments arguments, Flow flow) {
    int number = free.acquire();
    if (number == lanes.size()) {
      lanes.add(new Lane());
    }
    Lane lane = lanes.get(number);
    lane.used = true;
    lane.since = t;
    lane.what = what;
    lane.arguments = arguments;
    if (canvas.isOpen()) {
      draw(lane, t, flow);
    }
    return number;
  }

  private void draw(Lane lane, long t, Flow flow) {
    if (lane.track == null) {
      lane.track = canvas.track(Track.Kind.ASYNC, name);
    }
    lane.last = t;
    canvas.begin(lane.track, t, lane.what, lane.arguments, flow);
  }

  /** A part of what is in a lane, which ends before the whole. */
  void part(int number, long begin, long end, String what, Arguments arguments) {
    if (canvas.isOpen()) {
      Lane lane = lanes.get(number);
      lane.last = Math.max(begin, canvas.within(end));
      canvas.begin(lane.track, begin, what, arguments, Flow.NONE);
      canvas.end(lane.track, lane.last, Arguments.NONE);
    }
  }

  /** Something happens to what is in a lane. */
  void instant(int number, long t, String what, Arguments arguments) {
    if (canvas.isOpen()) {
      canvas.instant(lanes.get(number).track, t, what, arguments);
    }
  }

  /** What is in a lane ends. */
  void end(int number, long t) {
    Lane lane = lanes.get(number);
    lane.used = false;
    lane.arguments = Arguments.NONE;
    free.release(number);
    if (canvas.isOpen()) {
      canvas.end(lane.track, t, Arguments.NONE);
    }
  }

  /** The window has opened. */
  void opened() {
    for (Lane lane : lanes) {
      if (lane.used) {
        lane.arguments.number("since_ns", lane.since);
        draw(lane, canvas.from(), Flow.NONE);
      }
    }
  }

  /** The trace ends. */
  void finish(long t) {
    for (Lane lane : lanes) {
      if (lane.used && canvas.isOpen()) {
        Arguments unfinished = new Arguments().number("unfinished", 1);
        canvas.end(lane.track, Math.max(t, lane.last), unfinished);
      }
    }
  }
}
