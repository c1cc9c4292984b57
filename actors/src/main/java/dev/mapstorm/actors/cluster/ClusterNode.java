package dev.mapstorm.actors.cluster;

import com.typesafe.config.Config;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.ShardRegion.ClusterShardingStats;
import org.apache.pekko.cluster.sharding.typed.GetClusterShardingStats;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.apache.pekko.remote.RemoteTransportException;

/**
 * One node of a cluster in this process: an actor system with lanes, the hosts that sharding gives
 * it, and a way to the coordinator. Thread-safe.
 */
public final class ClusterNode implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(250);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** A region that is lost does not answer, and is not worth waiting for. */
  private static final Duration SHARDS_ANSWER = Duration.ofMillis(400);

  private static final Duration ADMISSION = Duration.ofMillis(500);

  private final ActorSystem<Void> system;
  private final ActorRefResolver refs;
  private final String address;
  private final HostBoard board;
  private final NodeRoom room;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final AtomicLong known = new AtomicLong();
  private final CompletableFuture<String> givenUp = new CompletableFuture<>();

  private ClusterNode(
      NodeSpec spec,
      Config config,
      FleetSpecs specs,
      WriterClaims claims,
      NodeDeaths deaths,
      StorePatience patience,
      HostRoom memory,
      WallClock wall) {
    Behavior<Void> guardian = Behaviors.empty();
    system = ActorSystem.create(guardian, NodeSpec.SYSTEM, spec.config(config));
    refs = ActorRefResolver.get(system);
    address = Cluster.get(system).selfMember().address().toString();
    if (spec.seeds().isEmpty()) {
      // Not as its own seed: with port 0 nobody knows the port before.
      Cluster.get(system).manager().tell(Join.create(Cluster.get(system).selfMember().address()));
    }
    room = new NodeRoom(memory);
    board = new HostBoard(spec.lanes(), wall.millis());
    ClusterSharding sharding = ClusterSharding.get(system);
    CoordinatorSetup setup =
        new CoordinatorSetup(
            (host, order) -> sharding.entityRefFor(HostKey.TYPE, host).tell(order),
            spec.hostsPerLane(),
            ADMISSION,
            wall.nanos(),
            known,
            givenUp::complete);
    coordinator =
        ClusterSingleton.get(system)
            .init(
                SingletonActor.of(
                    CoordinatorKeeper.create(setup, claims, patience), "coordinator"));
    FleetDefinitions definitions =
        new FleetDefinitions(
            run -> ask(replyTo -> new CoordinatorMessage.AskDefinition(run, replyTo)),
            specs,
            system.dispatchers().lookup(DispatcherSelector.blocking()));
    HostServices services =
        new HostServices(
            board, room, definitions, coordinator, claims, deaths, patience, spec.version());
    sharding.init(
        Entity.of(HostKey.TYPE, entity -> HostEntity.create(entity, services))
            .withStopMessage(new HostEntity.HandOff()));
    system.systemActorOf(
        NodeReporter.create(address, board, coordinator, TICK), "node-reporter", Props.empty());
  }

  /**
   * Starts a node and lets it join.
   *
   * @param config of the journal's store, TLS, logging
   * @param specs make the machines of fleets
   * @param claims to streams in the shared journal
   * @param deaths of nodes before, and whose hosts they executed
   * @param patience with the journal, for ever where a host is not to fail
   * @param memory that its hosts have together; those that do not fit wait for others to end
   * @param wall tells who is silent, and for how long a host stood still
   * @throws IllegalStateException if it cannot listen for other nodes
   */
  public static ClusterNode start(
      NodeSpec spec,
      Config config,
      FleetSpecs specs,
      WriterClaims claims,
      NodeDeaths deaths,
      StorePatience patience,
      HostRoom memory,
      WallClock wall) {
    try {
      return new ClusterNode(spec, config, specs, claims, deaths, patience, memory, wall);
    } catch (RemoteTransportException e) {
      throw new IllegalStateException(
          "%s:%d cannot be listened at: %s"
              .formatted(spec.bindHost().orElse(spec.host()), spec.port(), e.getMessage()),
          e);
    }
  }

  /**
   * Asks the coordinator; fails after some seconds without an answer, as there is none while it
   * moves.
   *
   * @param question is made with the text of the reference that waits for the answer
   */
  public CompletionStage<CoordinatorReply> ask(Function<String, CoordinatorMessage> question) {
    return AskPattern.ask(
        coordinator,
        (ActorRef<CoordinatorReply> replyTo) -> question.apply(refs.toSerializationFormat(replyTo)),
        ANSWER,
        system.scheduler());
  }

  /**
   * Asks whether there is a coordinator, as {@link #ask} does, and remembers the epoch of its
   * claim: should the coordinator move here, its claim is known to be this cluster's. To be asked
   * every few seconds.
   */
  public CompletionStage<CoordinatorReply> askPresent() {
    return ask(CoordinatorMessage.AskPresent::new)
        .thenApply(
            reply -> {
              if (reply instanceof CoordinatorReply.Present present) {
                known.set(present.epoch());
              }
              return reply;
            });
  }

  /**
   * Completes with the reason, a sentence, when the node's cluster must not go on with its journal.
   * It is for whoever started the node to let it leave.
   */
  public CompletableFuture<String> givenUp() {
    return givenUp.copy();
  }

  /** How many shards each node has, by its address; fails if the regions do not answer in time. */
  public CompletionStage<Map<String, Integer>> shards() {
    return AskPattern.ask(
            ClusterSharding.get(system).shardState(),
            (ActorRef<ClusterShardingStats> replyTo) ->
                new GetClusterShardingStats(HostKey.TYPE, SHARDS_ANSWER, replyTo),
            SHARDS_ANSWER,
            system.scheduler())
        .thenApply(
            stats -> {
              Map<String, Integer> shards = new TreeMap<>();
              stats
                  .getRegions()
                  .forEach(
                      (region, each) ->
                          shards.put(
                              region.host().isDefined() ? region.toString() : address,
                              each.getStats().size()));
              return shards;
            });
  }

  /** Its address as other nodes say it. */
  public String address() {
    return address;
  }

  /** The hosts on this node. */
  public HostBoard board() {
    return board;
  }

  /**
   * Lets its hosts stand still, for a process that is about to end and needs what memory there is.
   *
   * @return the ids of the streams of those that it was executing
   */
  public Set<String> stopHosts() {
    Set<String> hosts = room.inside();
    board.stopAll();
    return hosts;
  }

  /** Its view of the cluster. */
  public Cluster cluster() {
    return Cluster.get(system);
  }

  /** Its actor system, for what runs beside. */
  public ActorSystem<Void> system() {
    return system;
  }

  /** Leaves the cluster, hands its hosts over and ends; completes when that is done. */
  public CompletionStage<Done> leave() {
    return CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterLeavingReason());
  }

  /** Ends the node as {@link #leave} does, and waits. */
  @Override
  public void close() {
    leave().toCompletableFuture().join();
  }
}
