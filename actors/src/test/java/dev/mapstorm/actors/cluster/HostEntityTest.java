package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostEnded;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostLeft;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOrder.OutcomeKept;
import dev.mapstorm.protocol.cluster.HostOrder.RunHost;
import dev.mapstorm.protocol.cluster.HostOrder.StopHost;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding.Passivate;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityContext;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostEntityTest {
  private static final HostSpec HOST = TestHosts.nvme().build();
  private static final HostSpec LONG = TestHosts.nvme().host(1).end(10_000_000_000L).build();
  private static final StorePatience PATIENCE =
      new StorePatience(Duration.ofMillis(5), Duration.ofMillis(5), Duration.ofMinutes(1));

  private static ActorTestKit kit;
  private static PersistenceTestKit journal;
  private static String undisturbed;

  private final FakeClaims claims = new FakeClaims();
  private final HostBoard board = new HostBoard(1, () -> 0);
  private NodeRoom room = new NodeRoom(HostRoom.UNLIMITED);
  private final TestProbe<CoordinatorMessage> coordinator =
      kit.createTestProbe(CoordinatorMessage.class);
  private final TestProbe<ClusterSharding.ShardCommand> shard =
      kit.createTestProbe(ClusterSharding.ShardCommand.class);
  private NodeDeaths deaths = NodeDeaths.NONE;
  private CoordinatorReply definition = new CoordinatorReply.Definition("r", "name", "text");

  @BeforeAll
  static void start() throws Exception {
    Config store =
        PersistenceTestKitPlugin.config().withFallback(PersistenceTestKitSnapshotPlugin.config());
    kit =
        ActorTestKit.create(
            "test",
            Lanes.config(1).withFallback(store).withFallback(ConfigFactory.load()).resolve());
    journal = PersistenceTestKit.create(kit.system());
    SimulationSpec spec =
        new SimulationSpec(
            "r", List.of(HOST), 1, store, "text", "test", host -> (events, batch) -> {});
    try (Simulation simulation = Simulation.start(spec)) {
      SimulationResult result = simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
      undisturbed = result.hash();
    }
  }

  @AfterAll
  static void end() {
    kit.shutdownTestKit();
  }

  @BeforeEach
  void clear() {
    journal.clearAll();
    journal.resetPolicy();
  }

  private ActorRef<HostOrder> entity(int host) {
    FleetDefinitions definitions =
        new FleetDefinitions(
            run -> CompletableFuture.completedFuture(definition),
            (name, scenario) -> List.of(HOST, LONG),
            Runnable::run);
    HostServices services =
        new HostServices(
            board, room, definitions, coordinator.ref(), claims, deaths, PATIENCE, "test");
    return kit.spawn(
        HostEntity.create(
            new EntityContext<>(HostKey.TYPE, HostKey.of("r", host), shard.ref()), services));
  }

  private HostEnded ended() {
    return coordinator.expectMessageClass(HostEnded.class, Duration.ofSeconds(20));
  }

  private void expectToLeave(ActorRef<HostOrder> entity) {
    assertThat(shard.expectMessageClass(Passivate.class, Duration.ofSeconds(5)))
        .isEqualTo(new Passivate<>(entity));
    entity.tell(new HostEntity.HandOff());
    coordinator.expectTerminated(entity, Duration.ofSeconds(5));
    assertThat(board.reports()).isEmpty();
  }

  @Test
  void aHostRunsOnceAndSaysHowItEndedUntilThatIsKept() {
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    entity.tell(new RunHost("r", 0));
    HostEnded first = ended();
    assertThat(first.run()).isEqualTo("r");
    assertThat(first.outcome().complete()).isTrue();
    assertThat(HexFormat.of().formatHex(first.outcome().hash())).isEqualTo(undisturbed);
    // Nobody said that it is kept.
    assertThat(ended()).isSameAs(first);
    assertThat(claims.epoch.get()).isEqualTo(1);
    assertThat(board.written()).isEqualTo(first.outcome().events());

    entity.tell(new OutcomeKept("r", 0));
    expectToLeave(entity);
  }

  @Test
  void aHostForWhichThereIsNoRoomWaitsUntilAnotherIsGone() {
    room = new NodeRoom(new HostRoom(100, host -> 60));
    assertThat(room.enter("r|7", HOST, false)).isTrue();
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    coordinator.expectNoMessage(Duration.ofMillis(500));
    assertThat(claims.epoch.get()).isZero();
    assertThat(board.reports()).isEmpty();

    room.leave("r|7");
    assertThat(ended().outcome().complete()).isTrue();
    entity.tell(new OutcomeKept("r", 0));
    expectToLeave(entity);
    // It left its room.
    assertThat(room.enter("r|7", HOST, false)).isTrue();
    assertThat(room.enter("r|8", HOST, false)).isFalse();
  }

  @Test
  void aHostThatIsStoppedWhileItWaitsLeaves() {
    room = new NodeRoom(new HostRoom(100, host -> 60));
    assertThat(room.enter("r|7", HOST, false)).isTrue();
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    coordinator.expectNoMessage(Duration.ofMillis(300));
    entity.tell(new StopHost("r", 0));
    expectToLeave(entity);
    assertThat(claims.epoch.get()).isZero();
  }

  @Test
  void aHostWhoseStreamWasClaimedElsewhereLeavesWithoutAWord() {
    claims.refusing = true;
    journal.failNextPersisted();
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    expectToLeave(entity);
    coordinator.expectNoMessage(Duration.ofMillis(20));
    assertThat(claims.epoch.get()).isEqualTo(1);
  }

  @Test
  void aStoreThatFailsIsWaitedForAndClaimedAnew() {
    claims.next.add(CompletableFuture.failedFuture(new IllegalStateException("no database")));
    journal.failNextNPersisted(2);
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    assertThat(HexFormat.of().formatHex(ended().outcome().hash())).isEqualTo(undisturbed);
    assertThat(claims.epoch.get()).isEqualTo(4);
    kit.stop(entity);
  }

  private ActorRef<HostOrder> inTheMiddle() {
    ActorRef<HostOrder> entity = entity(1);
    entity.tell(new RunHost("r", 1));
    coordinator.awaitAssert(
        () -> {
          assertThat(board.written()).isPositive();
          return null;
        });
    return entity;
  }

  @Test
  void aHostThatIsStoppedSaysHowFarItCame() {
    ActorRef<HostOrder> entity = inTheMiddle();
    entity.tell(new StopHost("r", 1));
    entity.tell(new StopHost("r", 1));
    HostEnded ended = ended();
    assertThat(ended.outcome().complete()).isFalse();
    assertThat(ended.outcome().isFailure()).isFalse();
    assertThat(ended.outcome().events()).isPositive();
    entity.tell(new OutcomeKept("r", 1));
    expectToLeave(entity);
  }

  @Test
  void whoWasToldNothingMayBeStopped() {
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new StopHost("r", 0));
    expectToLeave(entity);
  }

  @Test
  void aHostThatCannotBeMadeIsSeenWithItsTroubleAndLeaves() {
    definition = new CoordinatorReply.Refused("there is no run r");
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    awaitTrouble("not begun: there is no run r");
    expectToLeave(entity);
    coordinator.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aHostThatItsScenarioDoesNotHaveIsSeenWithItsTroubleAndLeaves() {
    ActorRef<HostOrder> entity = entity(2);
    entity.tell(new RunHost("r", 2));
    awaitTrouble("not begun: its scenario has no host 2");
    expectToLeave(entity);
  }

  private static NodeDeaths known(int nodes, boolean alone) {
    return host ->
        CompletableFuture.completedFuture(
            host.equals("r|0") ? new Suspicion(nodes, alone, "out of memory") : Suspicion.NONE);
  }

  @Test
  void aHostThatEndedItsNodeASecondTimeIsSetAside() {
    deaths = known(2, true);
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    HostEnded ended = ended();
    assertThat(ended.outcome().host()).isZero();
    assertThat(ended.outcome().failure())
        .isEqualTo(
            "set aside: 2 nodes ended while they executed it, the last one with no other host: out"
                + " of memory");
    // It was not begun, and says so until that is kept.
    assertThat(claims.epoch.get()).isZero();
    assertThat(ended()).isEqualTo(ended);
    entity.tell(new OutcomeKept("r", 0));
    expectToLeave(entity);
  }

  @Test
  void aHostThatMayHaveEndedANodeHasTheNextOneToItself() {
    for (NodeDeaths each : List.of(known(1, false), known(1, true), known(3, false))) {
      deaths = each;
      room = new NodeRoom(HostRoom.UNLIMITED);
      claims.epoch.set(0);
      journal.clearAll();
      assertThat(room.enter("r|7", HOST, false)).isTrue();
      ActorRef<HostOrder> entity = entity(0);
      entity.tell(new RunHost("r", 0));
      coordinator.expectNoMessage(Duration.ofMillis(300));
      assertThat(claims.epoch.get()).isZero();

      room.leave("r|7");
      assertThat(HexFormat.of().formatHex(ended().outcome().hash())).isEqualTo(undisturbed);
      assertThat(room.enter("r|7", HOST, false)).isFalse();
      entity.tell(new OutcomeKept("r", 0));
      expectToLeave(entity);
      assertThat(room.enter("r|7", HOST, false)).isTrue();
    }
  }

  @Test
  void aHostOfWhichNobodyCanSayWhatItDidIsSeenWithItsTroubleAndLeaves() {
    deaths = host -> CompletableFuture.failedFuture(new IllegalStateException("no database"));
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    awaitTrouble("not begun: no database");
    expectToLeave(entity);
    assertThat(claims.epoch.get()).isZero();
  }

  private void awaitTrouble(String trouble) {
    coordinator.awaitAssert(
        () -> {
          assertThat(board.reports()).hasSize(1);
          assertThat(board.reports().get(0).trouble()).isEqualTo(trouble);
          return null;
        });
  }

  @Test
  void aKeeperThatBreaksDownIsTheEndOfTheHost() {
    claims.next.add(new BrokenStage());
    ActorRef<HostOrder> entity = entity(0);
    entity.tell(new RunHost("r", 0));
    assertThat(ended().outcome().failure()).isEqualTo("broken");
    kit.stop(entity);
  }

  /** Cannot be waited for. */
  private static final class BrokenStage extends CompletableFuture<WriterClaim> {
    @Override
    public <U> CompletableFuture<U> handle(
        BiFunction<? super WriterClaim, Throwable, ? extends U> f) {
      throw new IllegalStateException("broken");
    }

    @Override
    public CompletableFuture<WriterClaim> whenComplete(
        BiConsumer<? super WriterClaim, ? super Throwable> f) {
      throw new IllegalStateException("broken");
    }
  }

  @Test
  void aHostThatIsMovedAwayEndsWithoutAnOutcome() {
    ActorRef<HostOrder> entity = inTheMiddle();
    entity.tell(new HostEntity.HandOff());
    coordinator.expectMessage(new HostLeft("r", 1));
    coordinator.expectTerminated(entity, Duration.ofSeconds(5));
    coordinator.expectNoMessage(Duration.ZERO);
    assertThat(board.reports()).isEmpty();
  }
}
