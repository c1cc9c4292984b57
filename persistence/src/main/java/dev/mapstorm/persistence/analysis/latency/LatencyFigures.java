package dev.mapstorm.persistence.analysis.latency;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the time of requests went. The milestones of a request tile its life: a phase lasts from
 * the milestone before to its own, and a milestone that was not passed, or passed out of order, has
 * a phase of zero, so that the phases always add up to the latency that {@code request-done} gives.
 */
@Hears(EventKind.REQUEST_DONE)
final class LatencyFigures extends PartialSink implements HostFigures {
  private static final int DIRECTIONS = Direction.values().length;

  private final InFlight inFlight;
  private final Tally[] kinds = new Tally[MapApi.values().length * DIRECTIONS];

  LatencyFigures(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /** What a request does before each milestone of {@link Request}, and after the last. */
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

  /** Whether a phase is one of calls of the DMA API. */
  static boolean isCall(String phase) {
    return phase.equals(Phase.MAPPING.label) || phase.equals(Phase.UNMAPPING.label);
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

    /** The phase between two milestones, the later of which is answered. */
    long passed(Phase phase, long before, long milestone, long done) {
      long at = Math.max(before, Math.min(milestone, done));
      phases[phase.ordinal()].record(at - before);
      return at;
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

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    Request request = inFlight.request(client, op);
    if (!request.isKnown()) {
      return;
    }
    Tally tally = of(request.api().ordinal() * DIRECTIONS + request.direction().ordinal());
    tally.total.record(latencyNs);
    tally.stallNs += request.stallNs();
    long before = t - latencyNs;
    before = tally.passed(Phase.ARRIVING, before, request.requestedAt(), t);
    before = tally.passed(Phase.STARTING, before, request.mapCallAt(), t);
    before = tally.passed(Phase.MAPPING, before, request.mappedAt(), t);
    before = tally.passed(Phase.SUBMITTING, before, request.submittedAt(), t);
    before = tally.passed(Phase.WAITING, before, request.translatedAt(), t);
    before = tally.passed(Phase.TRANSFER, before, request.completedAt(), t);
    before = tally.passed(Phase.COMPLETING, before, request.unmapCallAt(), t);
    before = tally.passed(Phase.UNMAPPING, before, request.unmappedAt(), t);
    tally.passed(Phase.FINISHING, before, t, t);
  }

  @Override
  public void pack() {
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
  static List<LatencyAnalysis.Latency> result(List<LatencyFigures> hosts) {
    LatencyFigures sum = new LatencyFigures(new InFlight());
    for (LatencyFigures host : hosts) {
      for (int kind = 0; kind < host.kinds.length; kind++) {
        if (host.kinds[kind] != null) {
          sum.of(kind).add(host.kinds[kind]);
        }
      }
    }
    List<LatencyAnalysis.Latency> result = new ArrayList<>();
    for (int kind = 0; kind < sum.kinds.length; kind++) {
      Tally tally = sum.kinds[kind];
      if (tally == null) {
        continue;
      }
      List<LatencyAnalysis.Phase> phases = new ArrayList<>();
      for (Phase phase : Phase.ALL) {
        phases.add(
            new LatencyAnalysis.Phase(phase.label, tally.phases[phase.ordinal()].distribution()));
      }
      result.add(
          new LatencyAnalysis.Latency(
              MapApi.of(kind / DIRECTIONS).label(),
              Direction.of(kind % DIRECTIONS).label(),
              tally.total.distribution(),
              List.copyOf(phases),
              tally.stallNs));
    }
    return List.copyOf(result);
  }
}
