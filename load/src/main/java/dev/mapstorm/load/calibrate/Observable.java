package dev.mapstorm.load.calibrate;

import dev.mapstorm.load.calibrate.BenchmarkLines.Of;
import dev.mapstorm.load.validate.BenchmarkMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that lines through measurements show, and the figures that it may be: the first that
 * the profile has, and that moves it, takes what is shown.
 *
 * @param line that shows it
 * @param less the line whose same part is taken away; null for none
 * @param unknown which part of the line
 * @param keys figures, the likeliest first
 * @param with what is in it beside the figure; empty for nothing
 */
record Observable(Of line, Of less, int unknown, List<String> keys, String with) {
  private static final List<String> ENTRY_WRITTEN =
      List.of("map-page", "hypercall-tce", "pte-write");
  private static final List<String> MAP_BEGUN = List.of("map-request", "hypercall", "pte-prepare");

  /** Such as {@code slope of unmap, strict, one thread, less lazy}. */
  String words() {
    String part =
        switch (unknown) {
          case LineEstimator.START -> "beginning";
          case LineEstimator.SLOPE -> "slope";
          default -> "step after %d pages".formatted(BenchmarkLines.CACHED_PAGES);
        };
    return "%s of %s%s%s"
        .formatted(
            part,
            line.words(),
            less == null ? "" : ", less " + less.mode().label(),
            with.isEmpty() ? "" : "; " + with);
  }

  /** What lines show, in the order in which figures are found. */
  static List<Observable> of(BenchmarkLines lines) {
    List<Observable> all = new ArrayList<>();
    if (lines.has(BenchmarkMode.BOUNCED, true)) {
      bounced(all);
    }
    boolean lazy = lines.has(BenchmarkMode.LAZY, true);
    boolean strict = lines.has(BenchmarkMode.STRICT, true);
    if (lazy || strict) {
      Of map = new Of(lazy ? BenchmarkMode.LAZY : BenchmarkMode.STRICT, true, false);
      all.add(new Observable(map, null, LineEstimator.SLOPE, ENTRY_WRITTEN, ""));
      all.add(
          new Observable(
              map, null, LineEstimator.START, MAP_BEGUN, "with the IOVA and the call, which stay"));
      all.add(new Observable(map, null, LineEstimator.STEP, List.of("tree-alloc"), ""));
    }
    Of strictUnmap = new Of(BenchmarkMode.STRICT, false, false);
    Of lazyUnmap = lazy ? new Of(BenchmarkMode.LAZY, false, false) : null;
    if (lazy) {
      all.add(new Observable(lazyUnmap, null, LineEstimator.SLOPE, List.of("pte-clear"), ""));
      all.add(
          new Observable(
              lazyUnmap,
              null,
              LineEstimator.START,
              List.of("unmap-prepare"),
              "with flush-queue-add, which stays"));
    }
    if (strict) {
      all.add(
          new Observable(
              strictUnmap,
              lazyUnmap,
              LineEstimator.START,
              List.of(
                  "wait-latency",
                  "msi-write",
                  "completion-latency",
                  "unmap-request",
                  "context-flush",
                  "unmap-prepare"),
              "the sum of an invalidation, whose other parts stay"));
      all.add(
          new Observable(
              strictUnmap,
              lazyUnmap,
              LineEstimator.SLOPE,
              lazy ? List.of("tlbi", "unmap-page") : List.of("tlbi", "unmap-page", "pte-clear"),
              ""));
    }
    Of threads = new Of(BenchmarkMode.STRICT, false, true);
    all.add(new Observable(threads, null, LineEstimator.SLOPE, List.of("queue-contender"), ""));
    all.add(new Observable(threads, null, LineEstimator.START, List.of("queue-handover"), ""));
    return all;
  }

  private static void bounced(List<Observable> all) {
    Of map = new Of(BenchmarkMode.BOUNCED, true, false);
    Of unmap = new Of(BenchmarkMode.BOUNCED, false, false);
    all.add(new Observable(map, null, LineEstimator.SLOPE, List.of("bounce-copy"), ""));
    all.add(new Observable(map, null, LineEstimator.START, List.of("bounce-alloc"), ""));
    all.add(new Observable(unmap, null, LineEstimator.START, List.of("bounce-free"), ""));
  }
}
