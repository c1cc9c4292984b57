package dev.mapstorm.load.export.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trace as a strict viewer would understand it: whatever is misplaced fails. Points are put in
 * the order of time, those of one instant in the order of the file, as Perfetto's trace processor
 * does.
 */
final class DecodedTimeline {
  private final List<Point> points = new ArrayList<>();
  private final List<Slice> slices = new ArrayList<>();
  private final List<Slice> instants = new ArrayList<>();
  private final Map<String, List<long[]>> counters = new TreeMap<>();

  /** What a point of the trace does. */
  enum Type {
    BEGIN,
    END,
    INSTANT,
    COUNTER
  }

  /**
   * A point of the trace.
   *
   * @param track identity of the track
   * @param trackName its name
   * @param value of a counter
   * @param flow id, 0 for none
   */
  record Point(
      long t,
      Type type,
      String track,
      String trackName,
      String name,
      Map<String, Object> arguments,
      long value,
      long flow,
      boolean terminatesFlow) {}

  /** What lies between two points. */
  record Slice(
      String track,
      String trackName,
      long begin,
      long end,
      String name,
      int depth,
      Map<String, Object> arguments,
      long flow,
      boolean terminatesFlow) {
    /** An argument that is a number. */
    long number(String argument) {
      assertThat(arguments).containsKey(argument);
      return (Long) arguments.get(argument);
    }
  }

  /** The next point in the file. */
  void add(Point point) {
    points.add(point);
  }

  /** Understands all points. */
  DecodedTimeline understand() {
    points.sort(Comparator.comparingLong(Point::t));
    Map<String, ArrayDeque<Point>> open = new HashMap<>();
    for (Point point : points) {
      assertThat(point.t()).isNotNegative();
      ArrayDeque<Point> stack = open.computeIfAbsent(point.track(), track -> new ArrayDeque<>());
      switch (point.type()) {
        case BEGIN -> stack.push(point);
        case INSTANT -> instants.add(slice(point, point, stack.size()));
        case COUNTER ->
            counters
                .computeIfAbsent(point.trackName(), name -> new ArrayList<>())
                .add(new long[] {point.t(), point.value()});
        case END -> {
          assertThat(stack).as("an end at %d on %s", point.t(), point.trackName()).isNotEmpty();
          Point begin = stack.pop();
          slices.add(slice(begin, point, stack.size()));
        }
      }
    }
    open.values().forEach(stack -> assertThat(stack).as("begun and not ended").isEmpty());
    checkFlows();
    return this;
  }

  private static Slice slice(Point begin, Point end, int depth) {
    Map<String, Object> arguments = new TreeMap<>(begin.arguments());
    arguments.putAll(end.arguments());
    return new Slice(
        begin.track(),
        begin.trackName(),
        begin.t(),
        end.t(),
        begin.name(),
        depth,
        arguments,
        begin.flow(),
        begin.terminatesFlow());
  }

  /** Nothing lies on a flow behind its end. */
  private void checkFlows() {
    flows()
        .forEach(
            (id, steps) -> {
              long ends = steps.stream().filter(Slice::terminatesFlow).count();
              assertThat(ends).as("ends of flow %d", id).isLessThanOrEqualTo(1);
              if (ends == 1) {
                assertThat(steps.get(steps.size() - 1).terminatesFlow()).isTrue();
              }
            });
  }

  /** The slices of each flow, in the order of their beginnings. */
  Map<Long, List<Slice>> flows() {
    Map<Long, List<Slice>> flows = new TreeMap<>();
    slices.stream()
        .filter(slice -> slice.flow() != 0)
        .sorted(Comparator.comparingLong(Slice::begin))
        .forEach(slice -> flows.computeIfAbsent(slice.flow(), id -> new ArrayList<>()).add(slice));
    return flows;
  }

  /** All slices, in the order of their ends. */
  List<Slice> slices() {
    return slices;
  }

  /** The slices with a name on tracks whose names begin so. */
  List<Slice> slices(String trackPrefix, String name) {
    return slices.stream()
        .filter(slice -> slice.trackName().startsWith(trackPrefix) && slice.name().equals(name))
        .toList();
  }

  /** The outermost slices in the lanes that bear this name, of all clients. */
  List<Slice> lanes(String name) {
    return slices.stream()
        .filter(slice -> slice.depth() == 0 && slice.trackName().startsWith(name + " of "))
        .toList();
  }

  /** Instants. */
  List<Slice> instants() {
    return instants;
  }

  /** Instants and values of each counter. */
  Map<String, List<long[]>> counters() {
    return counters;
  }
}
