package dev.mapstorm.load.export.timeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a thread executes, told when it is over. A thread does one thing at a time; what overlaps
 * with an earlier one all the same goes to further rows. Not thread-safe.
 */
final class ThreadRows {
  private static final Comparator<Span> OUTER_FIRST =
      Comparator.comparingLong(Span::begin)
          .thenComparing(Comparator.comparingLong(Span::end).reversed());

  private final Canvas canvas;
  private final int number;
  private final String name;
  private final List<Row> rows = new ArrayList<>();

  private static final class Row {
    private final Track track;
    private long last;

    Row(Track track) {
      this.track = track;
    }
  }

  /**
   * @param number of the thread in its host
   * @param name of it
   */
  ThreadRows(Canvas canvas, int number, String name) {
    this.canvas = canvas;
    this.number = number;
    this.name = name;
  }

  /**
   * Something is over, which ended no earlier than what was told before.
   *
   * @param before what led to it; it yields to what else the row holds, and leaves its place on a
   *     flow to the whole if nothing of it is left
   * @param parts of it, each {@linkplain Span#isWithin within} it; those that overlap follow each
   *     other
   */
  void add(Optional<Span> before, Span whole, List<Span> parts) {
    if (!canvas.isOpen() || whole.end() < canvas.from()) {
      return;
    }
    Row row = row(Math.max(whole.begin(), canvas.from()));
    boolean hidden = before.isPresent() && !drawBefore(row, before.get());
    drawWhole(row, hidden ? whole.on(before.get().flow()) : whole, parts);
  }

  /** Something happens at {@code t}, no earlier than what was told before ended. */
  void instant(long t, String what, Arguments arguments) {
    if (canvas.isOpen()) {
      Row row = row(t);
      row.last = t;
      canvas.instant(row.track, t, what, arguments);
    }
  }

  private Row row(long begin) {
    for (Row row : rows) {
      if (row.last <= begin) {
        return row;
      }
    }
    Row row =
        new Row(
            rows.isEmpty()
                ? canvas.thread(number, name)
                : canvas.track(Track.Kind.ASYNC, name + ", overlapping"));
    rows.add(row);
    return row;
  }

  /** Whether there was room for it. */
  private boolean drawBefore(Row row, Span before) {
    long begin = Math.max(Math.max(before.begin(), canvas.from()), row.last);
    if (begin >= before.end()) {
      return false;
    }
    canvas.begin(row.track, begin, before.name(), before.arguments(), before.flow());
    canvas.end(row.track, before.end(), Arguments.NONE);
    row.last = before.end();
    return true;
  }

  private void drawWhole(Row row, Span whole, List<Span> parts) {
    begin(row, whole);
    ArrayDeque<Long> ends = new ArrayDeque<>();
    ends.push(whole.end());
    List<Span> ordered = new ArrayList<>(parts);
    ordered.sort(OUTER_FIRST);
    for (Span part : ordered) {
      while (part.begin() >= ends.peek() || part.end() > ends.peek()) {
        endOne(row, ends);
      }
      Span fitting =
          new Span(Math.max(part.begin(), row.last), part.end(), part.name(), part.arguments());
      if (fitting.begin() < fitting.end()) {
        begin(row, fitting);
        ends.push(fitting.end());
      }
    }
    while (!ends.isEmpty()) {
      endOne(row, ends);
    }
  }

  private void begin(Row row, Span span) {
    row.last = Math.max(span.begin(), canvas.from());
    canvas.begin(row.track, row.last, span.name(), span.arguments(), span.flow());
  }

  private void endOne(Row row, ArrayDeque<Long> ends) {
    row.last = ends.pop();
    canvas.end(row.track, row.last, Arguments.NONE);
  }
}
