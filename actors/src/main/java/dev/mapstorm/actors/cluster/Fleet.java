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

  private static final int NONE = Integer.MAX_VALUE;

  private final FleetEvent.Submitted submitted;
  private final HostOutcome[] outcomes;
  private final List<HostMove> moves = new ArrayList<>();
  private final Set<HostIncarnation> moved = new HashSet<>();
  private int ended;
  private boolean stopped;

  /** Sums over the outcomes: they are asked for several times a second. */
  private int complete;

  private int failed = NONE;
  private long events;
  private long bytes;
  private long reached = Long.MAX_VALUE;
  private String hash = "";

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
    int host = outcome.host();
    if (outcomes[host] != null) {
      return;
    }
    outcomes[host] = outcome;
    ended++;
    complete += outcome.complete() ? 1 : 0;
    failed = outcome.isFailure() ? Math.min(failed, host) : failed;
    events += outcome.events();
    bytes += outcome.bytes();
    reached = Math.min(reached, outcome.end());
  }

  /** Whether there is such a host and it has not ended. */
  boolean isOpen(int host) {
    return host >= 0 && host < outcomes.length && outcomes[host] == null;
  }

  /** The first host from {@code from} on that has not ended; {@link #hosts} if there is none. */
  int nextOpen(int from) {
    int host = from;
    while (host < outcomes.length && outcomes[host] != null) {
      host++;
    }
    return host;
  }

  /** Events of the hosts that ended. */
  long events() {
    return events;
  }

  /** Bytes of their payloads. */
  long bytes() {
    return bytes;
  }

  /** The earliest end, in virtual nanoseconds; {@link Long#MAX_VALUE} if none has ended. */
  long reached() {
    return reached;
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

  /** The reason of the first host that cannot go on; empty if there is none. */
  String failure() {
    return failed == NONE ? "" : "host %d: %s".formatted(failed, outcomes[failed].failure());
  }

  String state() {
    if (complete == outcomes.length) {
      return "complete";
    }
    if (stopped) {
      return "stopped";
    }
    return ended < outcomes.length ? "running" : "failed";
  }

  /** The hash of the whole fleet, in hexadecimal; empty unless it is complete. */
  String hash() {
    if (hash.isEmpty() && complete == outcomes.length) {
      hash = result().hash();
    }
    return hash;
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
