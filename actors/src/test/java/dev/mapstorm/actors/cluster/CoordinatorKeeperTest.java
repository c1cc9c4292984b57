package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.node;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterStanding;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskOverview;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskPresent;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Accepted;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Present;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CoordinatorKeeperTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final StorePatience PATIENCE =
      new StorePatience(FIRST, Duration.ofSeconds(8), Duration.ofDays(1));

  private static CoordinatorFixture fixture;
  private static PersistenceTestKit journal;
  private static ManualTime time;

  private final FakeClaims claims = new FakeClaims();
  private ActorRef<CoordinatorMessage> keeper;

  @BeforeAll
  static void start() {
    fixture =
        new CoordinatorFixture(
            "pekko.scheduler.implementation = org.apache.pekko.testkit.ExplicitlyTriggeredScheduler");
    journal = PersistenceTestKit.create(fixture.kit.system());
    time = ManualTime.get(fixture.kit.system());
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  @AfterEach
  void end() {
    fixture.kit.stop(keeper);
    fixture.known.set(0);
    fixture.ended.clear();
    journal.clearAll();
    journal.resetPolicy();
  }

  private void begin() {
    keeper = fixture.kit.spawn(CoordinatorKeeper.create(fixture.setup, claims, PATIENCE));
  }

  private void awaitClaims(long count) {
    long until = System.nanoTime() + 5_000_000_000L;
    while (claims.epoch.get() < count && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertThat(claims.epoch.get()).isEqualTo(count);
  }

  private static void awaitAtLeast(AtomicLong counter, long count) {
    long until = System.nanoTime() + 5_000_000_000L;
    while (counter.get() < count && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertThat(counter.get()).isGreaterThanOrEqualTo(count);
  }

  private static CompletableFuture<WriterClaim> failed() {
    return CompletableFuture.failedFuture(new IllegalStateException("no database"));
  }

  /** Moves the time on once the keeper has put a timer there. */
  private void pass(Duration step, long claimsThen) {
    long until = System.nanoTime() + 5_000_000_000L;
    while (claims.epoch.get() < claimsThen && System.nanoTime() < until) {
      time.timePasses(step);
      Thread.onSpinWait();
    }
    awaitClaims(claimsThen);
  }

  @Test
  void aClaimThatFailsIsTriedAgainAndMessagesWait() {
    claims.next.add(failed());
    claims.next.add(failed());
    begin();
    keeper.tell(new AskOverview(fixture.replyTo()));
    awaitClaims(1);
    pass(FIRST, 2);
    fixture.client.expectNoMessage(Duration.ofMillis(20));
    pass(FIRST, 3);
    fixture.client.expectMessageClass(Overview.class);
  }

  @Test
  void noMoreMessagesWaitThanTheCoordinatorCanTake() {
    CompletableFuture<WriterClaim> late = new CompletableFuture<>();
    claims.next.add(late);
    begin();
    keeper.tell(new SubmitFleet("r", "name", "text", 1, fixture.replyTo()));
    for (int i = 0; i < 5000; i++) {
      keeper.tell(node("a", 1));
      keeper.tell(new AskPresent(fixture.replyTo()));
      keeper.tell(new AskOverview(fixture.replyTo()));
    }
    // The claim goes through the keeper's mailbox too, behind all of them.
    late.complete(FakeClaims.claim(1));
    fixture.client.expectMessage(new Accepted("r"));
    for (int i = 0; i < 999; i++) {
      fixture.client.expectMessageClass(Overview.class);
    }
    fixture.client.expectNoMessage(Duration.ofMillis(50));
    keeper.tell(new AskPresent(fixture.replyTo()));
    fixture.client.expectMessageClass(Present.class);
    keeper.tell(new AskOverview(fixture.replyTo()));
    assertThat(fixture.client.expectMessageClass(Overview.class).nodes()).isEmpty();
  }

  @Test
  void aWriteThatFailsBeginsTheCoordinatorAnew() {
    begin();
    fixture.ask(keeper, AskOverview::new, Overview.class);
    journal.failNextPersisted();
    keeper.tell(new SubmitFleet("r", "name", "text", 1, fixture.replyTo()));
    pass(FIRST, 2);
    fixture.ask(keeper, to -> new SubmitFleet("r", "name", "text", 1, to), Accepted.class);
  }

  @Test
  void whoseStreamWasClaimedByAnotherEnds() {
    claims.refusing = true;
    claims.follower = Optional.of("node-2");
    begin();
    fixture.ask(keeper, AskOverview::new, Overview.class);
    journal.failNextPersisted();
    keeper.tell(new SubmitFleet("r", "name", "text", 1, fixture.replyTo()));
    fixture.client.expectTerminated(keeper, Duration.ofSeconds(5));
    assertThat(claims.epoch.get()).isEqualTo(1);
    assertThat(fixture.ended)
        .containsExactly(
            "a coordinator on node-2 has taken over: this node was taken for lost, or another"
                + " cluster uses this database");
  }

  @Test
  void aClaimIsRenewedAndWhoseWasTakenOverEndsWithoutWriting() {
    begin();
    fixture.ask(keeper, AskOverview::new, Overview.class);
    for (long renewals = 1; renewals <= 3; renewals++) {
      time.timePasses(ClaimWatch.RENEWAL);
      awaitAtLeast(claims.renewals, renewals);
      fixture.ask(keeper, AskOverview::new, Overview.class);
    }
    assertThat(fixture.ended).isEmpty();
    claims.follower = Optional.of("");
    time.timePasses(ClaimWatch.RENEWAL);
    fixture.client.expectTerminated(keeper, Duration.ofSeconds(5));
    assertThat(fixture.ended)
        .containsExactly("the claim of this cluster's coordinator was removed from the database");
  }

  private static WriterStanding renewed(int times) {
    return new WriterStanding(7, "node-9", Integer.toString(times), 0);
  }

  @Test
  void aClaimThatAnotherClusterRenewsIsNotTaken() {
    for (int times = 0; times < 3; times++) {
      claims.standing.add(renewed(times));
      claims.standing.add(renewed(times));
    }
    begin();
    fixture.client.expectNoMessage(Duration.ofMillis(20));
    long until = System.nanoTime() + 5_000_000_000L;
    while (fixture.ended.isEmpty() && System.nanoTime() < until) {
      time.timePasses(ClaimWatch.LOOK);
      Thread.onSpinWait();
    }
    fixture.client.expectTerminated(keeper, Duration.ofSeconds(5));
    assertThat(fixture.ended)
        .containsExactly(
            "another cluster uses this database, its coordinator is on node-9: give this cluster a"
                + " database of its own, or let its nodes join the other one");
    assertThat(claims.epoch.get()).isZero();
  }

  @Test
  void theClaimOfAnEarlierCoordinatorOfTheClusterIsTakenAtOnce() {
    fixture.known.set(7);
    claims.standing.add(renewed(0));
    begin();
    fixture.ask(keeper, AskOverview::new, Overview.class);
    assertThat(claims.epoch.get()).isEqualTo(1);
    assertThat(fixture.known.get()).isEqualTo(1);
  }
}
