package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the time of requests went. The milestones of a request tile its life: a phase lasts from
 * the milestone before to its own, and a milestone that was not passed, or passed out of order, has
 * a phase of zero, so that the phases always add up to the latency that {@code request-done} gives.
 */
final class LatencyFigures {
  private static final int DIRECTIONS = Direction.values().length;

  private final Tally[] kinds = new Tally[MapApi.values().length * DIRECTIONS];

  /** What a request does before each milestone of {@link RequestLives}, and after the last. */
  private enum Phase {
    ARRIVING("arrival to request"),
    STARTING("request to map call"),
    MAPPING("map calls"),
    SUBMITTING("mapped to submitted"),
    WAITING("device, until translated"),
    TRANSFER("device, until completed"),
    COMPLETING("completed to unmap call"),
    UNMAPPING("unmap calls"),
    FINISHING("unmapped to done");

    private static final Phase[] ALL = values();

    private final String label;

    Phase(String label) {
      this.label = label;
    }
  }

  /** The sums of one kind of request. */
  private static final class Tally {
    final Samples total = new Samples();
    final Samples[] phases = new Samples[Phase.ALL.length];
    long stallNs;

    Tally() {
      for (int i = 0; i < phases.length; i++) {
        phases[i] = new Samples();
      }
    }

    void add(Tally other) {
      total.add(other.total);
      stallNs += other.stallNs;
      for (int i = 0; i < phases.length; i++) {
        phases[i].add(other.phases[i]);
      }
    }
  }

  private Tally of(int kind) {
    if (kinds[kind] == null) {
      kinds[kind] = new Tally();
    }
    return kinds[kind];
  }

  /**
   * A request is done at {@code t}, {@code latencyNs} after it arrived.
   *
   * @param lives holds the request's milestones from {@code at}, see {@link RequestLives}
   */
  void done(int api, int direction, long[] lives, int at, long t, long latencyNs) {
    Tally tally = of(api * DIRECTIONS + direction);
    tally.total.record(latencyNs);
    tally.stallNs += lives[at + RequestLives.STALL];
    long before = t - latencyNs;
    for (int i = 0; i < RequestLives.MILESTONES; i++) {
      long milestone = Math.max(before, Math.min(lives[at + i], t));
      tally.phases[i].record(milestone - before);
      before = milestone;
    }
    tally.phases[Phase.FINISHING.ordinal()].record(t - before);
  }

  /** See {@link Samples#pack}. */
  void pack() {
    for (Tally tally : kinds) {
      if (tally != null) {
        tally.total.pack();
        for (Samples phase : tally.phases) {
          phase.pack();
        }
      }
    }
  }

  /** All hosts together, by API and direction. */
  static List<AnalysisResult.Latency> result(List<LatencyFigures> hosts) {
    LatencyFigures sum = new LatencyFigures();
    for (LatencyFigures host : hosts) {
      for (int kind = 0; kind < host.kinds.length; kind++) {
        if (host.kinds[kind] != null) {
          sum.of(kind).add(host.kinds[kind]);
        }
      }
    }
    List<AnalysisResult.Latency> result = new ArrayList<>();
    for (int kind = 0; kind < sum.kinds.length; kind++) {
      Tally tally = sum.kinds[kind];
      if (tally == null) {
        continue;
      }
      List<AnalysisResult.Phase> phases = new ArrayList<>();
      for (Phase phase : Phase.ALL) {
        phases.add(
            new AnalysisResult.Phase(phase.label, tally.phases[phase.ordinal()].distribution()));
      }
      result.add(
          new AnalysisResult.Latency(
              MapApi.of(kind / DIRECTIONS).label(),
              Direction.of(kind % DIRECTIONS).label(),
              tally.total.distribution(),
              List.copyOf(phases),
              tally.stallNs));
    }
    return List.copyOf(result);
  }
}
