package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.SECOND;
import static dev.mapstorm.actors.cluster.Reports.complete;
import static dev.mapstorm.actors.cluster.Reports.node;
import static dev.mapstorm.actors.cluster.Reports.running;
import static dev.mapstorm.actors.cluster.Reports.stopped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskDefinition;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskHosts;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskOverview;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostEnded;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostLeft;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.StopFleet;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Accepted;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Definition;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Moves;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Refused;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOrder.OutcomeKept;
import dev.mapstorm.protocol.cluster.HostOrder.RunHost;
import dev.mapstorm.protocol.cluster.HostOrder.StopHost;
import dev.mapstorm.protocol.cluster.HostOutcome;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.testkit.javadsl.SnapshotTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CoordinatorTest {
  private static CoordinatorFixture fixture;
  private static PersistenceTestKit journal;
  private static SnapshotTestKit snapshots;

  private ActorRef<CoordinatorMessage> coordinator;

  @BeforeAll
  static void start() {
    fixture = new CoordinatorFixture("");
    journal = PersistenceTestKit.create(fixture.kit.system());
    snapshots = SnapshotTestKit.create(fixture.kit.system());
  }

  @AfterAll
  static void end() {
    fixture.close();
  }

  @BeforeEach
  void begin() {
    journal.clearAll();
    snapshots.clearAll();
    coordinator = fixture.kit.spawn(Coordinator.create(fixture.setup, 7, recovered -> {}));
  }

  @AfterEach
  void stop() {
    fixture.kit.stop(coordinator);
    fixture.hosts.expectNoMessage(Duration.ofMillis(5));
    fixture.client.expectNoMessage(Duration.ofMillis(5));
  }

  private void again() {
    fixture.kit.stop(coordinator);
    coordinator = fixture.kit.spawn(Coordinator.create(fixture.setup, 8, recovered -> {}));
  }

  private void accepted(String run, String scenario, int hosts) {
    fixture.ask(
        coordinator, to -> new SubmitFleet(run, "name", scenario, hosts, to), Accepted.class);
  }

  private String refused(String run, String scenario, int hosts) {
    return fixture
        .ask(coordinator, to -> new SubmitFleet(run, "name", scenario, hosts, to), Refused.class)
        .reason();
  }

  private void expect(HostOrder... orders) {
    for (HostOrder order : orders) {
      fixture.hosts.expectMessage(order);
    }
  }

  private FleetSummary fleet(String run) {
    return fixture.ask(coordinator, to -> new AskHosts(run, 0, 0, to), Hosts.class).fleet();
  }

  private List<Object> journaled() {
    return journal.persistedInStorage(Coordinator.ID.id());
  }

  @Test
  void aFleetIsJournaledAnsweredAndBegunOnce() {
    accepted("r", "text", 3);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    // Said again by somebody who did not hear the answer.
    accepted("r", "text", 3);
    assertThat(journaled()).containsExactly(new FleetEvent.Submitted("r", "name", "text", 3));
  }

  @Test
  void anotherFleetUnderTheSameIdIsRefused() {
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    assertThat(refused("r", "other", 1)).isEqualTo("there is a run r already");
    assertThat(journaled()).hasSize(1);
  }

  /** Each of these would be journaled, and fail in every recovery from then on. */
  @Test
  void whatNoCoordinatorCanTakeIsRefused() {
    assertThat(refused("r", "text", 0)).isEqualTo("0 hosts: must be 1 to 1000000");
    assertThat(refused("r", "text", -1)).startsWith("-1 hosts");
    assertThat(refused("r", "text", Integer.MAX_VALUE)).startsWith("2147483647 hosts");
    assertThat(refused("a|b", "text", 1)).startsWith("run a|b: must be letters");
    assertThat(refused("", "text", 1)).startsWith("run : must be");
    assertThat(refused("r", "ä".repeat(500_001), 1))
        .isEqualTo("the scenario has 1000002 bytes, and a cluster takes 1000000 at most");
    assertThat(journaled()).isEmpty();
  }

  @Test
  void howAHostEndedIsJournaledOnceAndTheNextOneBegins() {
    accepted("r", "text", 3);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    coordinator.tell(new HostEnded("r", complete(1)));
    expect(new OutcomeKept("r", 1), new RunHost("r", 2));
    coordinator.tell(new HostEnded("r", complete(1)));
    expect(new OutcomeKept("r", 1));
    coordinator.tell(new HostEnded("r", HostOutcome.failed(2, "broken")));
    expect(new OutcomeKept("r", 2));

    assertThat(journaled()).hasSize(3);
    assertThat(fleet("r").ended()).isEqualTo(2);
    assertThat(fleet("r").failure()).isEqualTo("host 2: broken");
  }

  @Test
  void aHostThatOnlyStoppedGoesOnWhileItsFleetDoes() {
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    coordinator.tell(new HostEnded("r", stopped(0)));
    expect(new OutcomeKept("r", 0));
    assertThat(fleet("r").ended()).isZero();

    fixture.now.addAndGet(3 * SECOND);
    coordinator.tell(new Coordinator.Tick());
    expect(new RunHost("r", 0));
  }

  @Test
  void aHostThatLeavesItsNodeIsToldToRunAtOnce() {
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    coordinator.tell(new HostLeft("r", 0));
    expect(new RunHost("r", 0));
    coordinator.tell(new HostLeft("gone", 0));
    coordinator.tell(new HostLeft("r", 1));
    coordinator.tell(new HostEnded("r", complete(0)));
    expect(new OutcomeKept("r", 0));
    coordinator.tell(new HostLeft("r", 0));
  }

  @Test
  void aMoveIsJournaledOnceHoweverOftenItIsReported() {
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    for (int i = 0; i < 3; i++) {
      coordinator.tell(node("b", 1, Reports.moved("r", 0, 2, "a", 1200)));
    }
    coordinator.tell(node("a", 1, Reports.moved("r", 0, 3, "b", 800)));
    coordinator.tell(node("a", 1, Reports.moved("gone", 0, 3, "b", 800)));
    HostMove first = new HostMove(0, 2, "a", "b", 1200, 5);
    HostMove second = new HostMove(0, 3, "b", "a", 800, 5);
    Moves moves = fleet("r").moves();
    assertThat(moves.count()).isEqualTo(2);
    assertThat(moves.worstGapMs()).isEqualTo(1200);
    assertThat(moves.redone()).isEqualTo(10);
    assertThat(moves.newest()).containsExactly(first, second);
    assertThat(journaled()).hasSize(3);
    again();
    assertThat(fleet("r").moves().newest()).containsExactly(first, second);
  }

  @Test
  void whoseFleetNobodyKnowsMayGo() {
    coordinator.tell(new HostEnded("gone", complete(0)));
    expect(new OutcomeKept("gone", 0));
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    coordinator.tell(new HostEnded("r", complete(5)));
    expect(new OutcomeKept("r", 5));
    assertThat(journaled()).hasSize(1);
  }

  @Test
  void theHostsOfAStoppedFleetAreStoppedUntilTheySaySo() {
    accepted("r", "text", 3);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    coordinator.tell(node("a", 1, running("r", 0, 9), running("r", 1, 9)));
    fixture.ask(coordinator, to -> new StopFleet("r", to), Accepted.class);
    expect(new StopHost("r", 0), new StopHost("r", 1));
    coordinator.tell(new Coordinator.Tick());
    expect(new StopHost("r", 0), new StopHost("r", 1));
    coordinator.tell(new HostEnded("r", stopped(0)));
    expect(new OutcomeKept("r", 0));
    coordinator.tell(new HostEnded("r", complete(1)));
    expect(new OutcomeKept("r", 1));
    // Neither these nor the one that never ran are told again.
    fixture.now.addAndGet(10 * SECOND);
    coordinator.tell(new Coordinator.Tick());

    assertThat(fleet("r").state()).isEqualTo("stopped");
    assertThat(fleet("r").ended()).isEqualTo(2);
    fixture.ask(coordinator, to -> new StopFleet("r", to), Accepted.class);
    assertThat(journaled()).hasSize(4);
  }

  @Test
  void runsThatNobodyKnowsAreSaidToBeUnknown() {
    String unknown = "there is no run x";
    assertThat(fixture.ask(coordinator, to -> new StopFleet("x", to), Refused.class).reason())
        .isEqualTo(unknown);
    assertThat(fixture.ask(coordinator, to -> new AskDefinition("x", to), Refused.class).reason())
        .isEqualTo(unknown);
    assertThat(fixture.ask(coordinator, to -> new AskHosts("x", 0, 1, to), Refused.class).reason())
        .isEqualTo(unknown);
  }

  @Test
  void aDefinitionIsWhatWasSubmitted() {
    accepted("r", "text", 1);
    expect(new RunHost("r", 0));
    assertThat(fixture.ask(coordinator, to -> new AskDefinition("r", to), Definition.class))
        .isEqualTo(new Definition("r", "name", "text"));
  }

  @Test
  void hostsAreShownInPartsOfABoundedSize() {
    accepted("r", "text", 3000);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    assertThat(shown(2998, 10)).extracting(HostSummary::host).containsExactly(2998, 2999);
    assertThat(shown(5000, 10)).isEmpty();
    assertThat(shown(-5, 2)).extracting(HostSummary::host).containsExactly(0, 1);
    assertThat(shown(0, -1)).isEmpty();
    assertThat(shown(0, Integer.MAX_VALUE)).hasSize(AskHosts.COUNT_MAX);
  }

  private HostSummary[] shown(int first, int count) {
    return fixture.ask(coordinator, to -> new AskHosts("r", first, count, to), Hosts.class).hosts();
  }

  @Test
  void anotherCoordinatorKnowsFromTheJournalWhatThisOneKnew() {
    accepted("r", "text", 2);
    accepted("s", "text", 1);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    coordinator.tell(new HostEnded("r", complete(0)));
    expect(new OutcomeKept("r", 0), new RunHost("s", 0));
    fixture.ask(coordinator, to -> new StopFleet("s", to), Accepted.class);
    FleetSummary before = fleet("r");
    again();

    assertThat(fleet("r")).usingRecursiveComparison().isEqualTo(before);
    Overview overview = fixture.ask(coordinator, AskOverview::new, Overview.class);
    assertThat(overview.fleets()).extracting(FleetSummary::run).containsExactly("r", "s");
    assertThat(overview.fleets())
        .extracting(FleetSummary::state)
        .containsExactly("running", "stopped");
    assertThat(overview.coordinator()).startsWith("pekko://mapstorm@127.0.0.1:");
    coordinator.tell(new Coordinator.Tick());
    expect(new RunHost("r", 1));
  }

  @Test
  void aSnapshotHoldsAllOfIt() {
    int hosts = 1010;
    accepted("r", "text", hosts);
    accepted("s", "other", 1);
    expect(new RunHost("r", 0), new RunHost("r", 1));
    for (int host = 0; host < hosts; host++) {
      coordinator.tell(new HostEnded("r", complete(host)));
      fixture.hosts.expectMessage(new OutcomeKept("r", host));
      fixture.hosts.expectMessage(
          host + 2 < hosts ? new RunHost("r", host + 2) : new RunHost("s", 0));
      if (host + 2 == hosts) {
        coordinator.tell(new HostEnded("r", complete(host + 1)));
        fixture.hosts.expectMessage(new OutcomeKept("r", host + 1));
        break;
      }
    }
    FleetSummary before = fleet("r");
    assertThat(before.state()).isEqualTo("complete");
    assertThat(before.hash()).hasSize(64);
    assertThat(snapshots.persistedInStorage(Coordinator.ID.id()))
        .isNotEmpty()
        .allSatisfy(pair -> assertThat(pair.first().sequenceNr()).isEqualTo(1000));
    again();

    assertThat(fleet("r")).usingRecursiveComparison().isEqualTo(before);
    assertThat(fleet("s").state()).isEqualTo("running");
  }
}
