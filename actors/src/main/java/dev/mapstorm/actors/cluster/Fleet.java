package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Moves;
import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A fleet as the coordinator's journal tells of it. Not thread-safe. */
final class Fleet {
  private static final int MOVES_SHOWN = 200;

  /** One of the times that a host was begun. */
  private record HostIncarnation(int host, long epoch) {}

  private final FleetEvent.Submitted submitted;
  private final HostOutcome[] outcomes;
  private final List<HostMove> moves = new ArrayList<>();
  private final Set<HostIncarnation> moved = new HashSet<>();
  private int ended;
  private boolean stopped;

  Fleet(FleetEvent.Submitted submitted) {
    this.submitted = submitted;
    outcomes = new HostOutcome[submitted.hosts()];
  }

  static Fleet of(FleetBook.Fleet kept) {
    Fleet fleet =
        new Fleet(new FleetEvent.Submitted(kept.run(), kept.name(), kept.scenario(), kept.hosts()));
    fleet.stopped = kept.stopped();
    Arrays.stream(kept.outcomes()).forEach(fleet::ended);
    Arrays.stream(kept.moves()).forEach(fleet::moved);
    return fleet;
  }

  FleetBook.Fleet kept() {
    HostOutcome[] known =
        Arrays.stream(outcomes).filter(Objects::nonNull).toArray(HostOutcome[]::new);
    return new FleetBook.Fleet(
        run(), name(), scenario(), hosts(), stopped, known, moves.toArray(HostMove[]::new));
  }

  String run() {
    return submitted.run();
  }

  String name() {
    return submitted.name();
  }

  String scenario() {
    return submitted.scenario();
  }

  int hosts() {
    return outcomes.length;
  }

  int ended() {
    return ended;
  }

  boolean isStopped() {
    return stopped;
  }

  /** Whether hosts are to run that have not ended. */
  boolean isActive() {
    return !stopped && ended < outcomes.length;
  }

  Optional<HostOutcome> outcome(int host) {
    return Optional.ofNullable(outcomes[host]);
  }

  void stop() {
    stopped = true;
  }

  void ended(HostOutcome outcome) {
    if (outcomes[outcome.host()] == null) {
      ended++;
      outcomes[outcome.host()] = outcome;
    }
  }

  void moved(HostMove move) {
    if (moved.add(new HostIncarnation(move.host(), move.epoch()))) {
      moves.add(move);
    }
  }

  /** Whether the move that began an incarnation of a host is known. */
  boolean knowsMove(int host, long epoch) {
    return moved.contains(new HostIncarnation(host, epoch));
  }

  Moves moves() {
    if (moves.isEmpty()) {
      return new Moves(0, 0, 0, 0, new HostMove[0]);
    }
    long[] gaps = moves.stream().mapToLong(HostMove::gapMs).sorted().toArray();
    HostMove[] newest =
        moves
            .subList(Math.max(0, moves.size() - MOVES_SHOWN), moves.size())
            .toArray(HostMove[]::new);
    return new Moves(
        gaps.length,
        gaps[gaps.length / 2],
        gaps[gaps.length - 1],
        moves.stream().mapToLong(HostMove::redone).sum(),
        newest);
  }

  /** The first reason why a host cannot go on; empty if there is none. */
  String failure() {
    return Arrays.stream(outcomes)
        .filter(outcome -> outcome != null && outcome.isFailure())
        .map(outcome -> "host %d: %s".formatted(outcome.host(), outcome.failure()))
        .findFirst()
        .orElse("");
  }

  String state() {
    if (ended == outcomes.length && Arrays.stream(outcomes).allMatch(HostOutcome::complete)) {
      return "complete";
    }
    if (stopped) {
      return "stopped";
    }
    return ended < outcomes.length ? "running" : "failed";
  }

  /** The hash of the whole fleet, in hexadecimal; empty unless it is complete. */
  String hash() {
    return state().equals("complete") ? result().hash() : "";
  }

  private SimulationResult result() {
    return new SimulationResult(Arrays.stream(outcomes).map(Fleet::result).toList());
  }

  private static HostResult result(HostOutcome outcome) {
    return new HostResult(
        outcome.host(),
        outcome.complete(),
        outcome.end(),
        outcome.batches(),
        outcome.events(),
        outcome.bytes(),
        outcome.hash());
  }
}
