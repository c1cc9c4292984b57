package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.load.Version;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;

/** Puts together what a node knows. Thread-safe. */
final class NodeStatusReader implements AutoCloseable {
  private static final Duration COORDINATOR_ANSWER = Duration.ofSeconds(3);

  private final ClusterNode node;
  private final Probe journal;
  private final Probe coordinator;
  private volatile boolean leaving;

  NodeStatusReader(ClusterNode node, Probe journal) {
    this.node = node;
    this.journal = journal;
    coordinator = new Probe("coordinator", this::askCoordinator);
  }

  private void askCoordinator() throws Exception {
    try {
      node.askPresent()
          .toCompletableFuture()
          .get(COORDINATOR_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "does not answer within %d s".formatted(COORDINATOR_ANSWER.toSeconds()), e);
    }
  }

  /** The node was told to leave: it is not ready any more, long before the cluster knows. */
  void leaving() {
    leaving = true;
  }

  /** Whether the node takes hosts. */
  boolean isReady() {
    return memberState().equals(MemberStatus.up().toString())
        && journal.trouble().isEmpty()
        && coordinator.trouble().isEmpty();
  }

  /** What a node that is not ready lacks, or that it lacks nothing. */
  String readiness() {
    return "member %s, journal %s, coordinator %s"
        .formatted(memberState(), orAnswers(journal.trouble()), orAnswers(coordinator.trouble()));
  }

  private static String orAnswers(String trouble) {
    return trouble.isEmpty() ? "answers" : trouble;
  }

  /** The state of its membership, such as {@code Up}. */
  String memberState() {
    MemberStatus state = node.cluster().selfMember().status();
    return (leaving && state.equals(MemberStatus.up()) ? MemberStatus.leaving() : state).toString();
  }

  String journalTrouble() {
    return journal.trouble();
  }

  /** All that is known, which needs an answer of the coordinator. */
  CompletionStage<NodeStatus> status() {
    CompletableFuture<Optional<Overview>> overview =
        node.ask(CoordinatorMessage.AskOverview::new)
            .toCompletableFuture()
            .handle((reply, failure) -> overview(reply));
    CompletableFuture<Map<String, Integer>> shards =
        node.shards().toCompletableFuture().exceptionally(failure -> Map.of());
    return overview.thenCombine(shards, this::status);
  }

  private static Optional<Overview> overview(CoordinatorReply reply) {
    return reply instanceof Overview all ? Optional.of(all) : Optional.empty();
  }

  private NodeStatus status(Optional<Overview> overview, Map<String, Integer> shards) {
    return new NodeStatus(
        node.address(),
        Version.current(),
        memberState(),
        isReady(),
        journal.trouble(),
        coordinator.trouble(),
        members(),
        shards,
        node.board().reports(),
        overview.orElse(null));
  }

  /** The members of the cluster as this node sees it. */
  List<NodeStatus.Member> members() {
    CurrentClusterState state = node.cluster().state();
    List<NodeStatus.Member> members = new ArrayList<>();
    for (Member member : state.getMembers()) {
      members.add(
          new NodeStatus.Member(
              member.address().toString(),
              member.status().toString(),
              !state.getUnreachable().contains(member)));
    }
    return members;
  }

  /** Asks the coordinator no more. The journal's probe is not its own. */
  @Override
  public void close() {
    coordinator.close();
  }
}
