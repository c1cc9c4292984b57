package dev.mapstorm.load.explain;

import dev.mapstorm.load.explain.TraceExplanation.FailedCalls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts failed DMA calls by device, task, call and error. Not thread safe. */
final class FailureCount {
  private final Map<List<Object>, FailedCalls> kinds = new LinkedHashMap<>();

  void add(Act act, String device, int error, long bytes) {
    kinds.merge(
        List.of(device, act.who(), act.event(), error),
        new FailedCalls(device, act.who(), act.event(), error, 1, bytes, act.line()),
        (one, other) ->
            new FailedCalls(
                one.device(),
                one.task(),
                one.call(),
                one.error(),
                one.count() + 1,
                one.bytes() + other.bytes(),
                one.firstLine()));
  }

  List<FailedCalls> calls() {
    return List.copyOf(kinds.values());
  }
}
