package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.SECOND;
import static dev.mapstorm.actors.cluster.Reports.allRunning;
import static dev.mapstorm.actors.cluster.Reports.complete;
import static dev.mapstorm.actors.cluster.Reports.node;
import static dev.mapstorm.actors.cluster.Reports.running;
import static dev.mapstorm.actors.cluster.Reports.submitted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FleetWatchTest {
  private final FleetWatch watch = new FleetWatch(2);
  private final Fleets fleets = new Fleets();

  private Fleet submit(String run, int hosts) {
    fleets.apply(submitted(run, hosts));
    return fleets.find(run).orElseThrow();
  }

  private List<String> told(long now) {
    return names(watch.toBeTold(fleets.active(), now));
  }

  private static List<String> names(List<FleetWatch.Place> places) {
    return places.stream().map(place -> place.fleet().run() + place.host()).toList();
  }

  private List<String> end(Fleet fleet, int host, long now) {
    fleets.apply(new FleetEvent.Ended(fleet.run(), complete(host)));
    watch.ended(fleet, host);
    return names(watch.successor(fleets.active(), now));
  }

  @Test
  void aSilentHostIsToldAgainAndOneThatReportsIsNot() {
    submit("r", 2);
    assertThat(told(0)).containsExactly("r0", "r1");
    assertThat(told(SECOND)).isEmpty();

    watch.report(node("a", 1, running("r", 0, 5)), fleets, SECOND);
    assertThat(told(2 * SECOND)).containsExactly("r1");
    assertThat(told(3 * SECOND)).containsExactly("r0");
  }

  @Test
  void noMoreAreToldThanTheNodesHaveRoomFor() {
    submit("r", 100);
    // Nobody was heard of: room for one lane.
    assertThat(told(0)).containsExactly("r0", "r1");
    watch.report(node("a", 2), fleets, 0);
    watch.report(node("b", 1), fleets, 0);
    assertThat(told(1)).containsExactly("r2", "r3", "r4", "r5");
    assertThat(told(2)).isEmpty();
  }

  @Test
  void aNodeThatFellSilentHasNoRoom() {
    submit("r", 100);
    watch.report(node("a", 1), fleets, 0);
    watch.report(node("b", 4), fleets, 4 * SECOND);
    watch.report(node("a", 1), fleets, 10 * SECOND);
    assertThat(told(10 * SECOND)).containsExactly("r0", "r1");
  }

  @Test
  void fleetsShareTheRoomInTheOrderOfTheirSubmission() {
    Fleet first = submit("r", 3);
    submit("s", 3);
    watch.report(node("a", 2), fleets, 0);
    assertThat(told(0)).containsExactly("r0", "r1", "r2", "s0");
    assertThat(end(first, 1, 1)).containsExactly("s1");
    assertThat(told(1)).isEmpty();
  }

  @Test
  void theEndOfAHostMakesPlaceForTheNext() {
    Fleet fleet = submit("r", 5);
    assertThat(told(0)).containsExactly("r0", "r1");
    assertThat(end(fleet, 1, 1)).containsExactly("r2");
    assertThat(end(fleet, 0, 1)).containsExactly("r3");
    assertThat(end(fleet, 2, 1)).containsExactly("r4");
    assertThat(end(fleet, 4, 1)).isEmpty();
    assertThat(end(fleet, 3, 1)).isEmpty();
  }

  /** A coordinator that has just begun hears first of hosts that another one told. */
  @Test
  void hostsThatRunAlreadyTakeTheirPlaces() {
    submit("r", 6);
    watch.report(node("a", 1, running("r", 1, 5), running("r", 4, 5)), fleets, 0);
    assertThat(told(1)).isEmpty();
    watch.report(node("b", 1), fleets, 2);
    assertThat(told(2)).containsExactly("r0", "r2");
  }

  @Test
  void whatALateReportSaysOfAHostThatEndedIsNotKept() {
    Fleet fleet = submit("r", 3);
    told(0);
    end(fleet, 0, 1);
    watch.report(node("a", 1, running("r", 0, 5)), fleets, 2);
    assertThat(watch.running(fleet, 2)).isEmpty();
    assertThat(watch.host(fleet, 0, 2).state()).isEqualTo("complete");
    // A report of hosts and runs that nobody knows does no harm either.
    watch.report(node("a", 1, running("r", 99, 5), running("gone", 0, 5)), fleets, 2);
    assertThat(watch.running(fleet, 2)).isEmpty();
  }

  @Test
  void aFleetIsSummedUpOverHostsThatEndedAndHostsThatRun() {
    Fleet fleet = submit("r", 3);
    told(0);
    assertThat(watch.summary(fleet, 0).reached()).isZero();
    end(fleet, 0, 0);
    watch.report(node("a", 2, running("r", 1, 200)), fleets, 0);
    HostReport held = Reports.report("r", 2, 900, 40, "disk full");
    watch.report(node("b", 2, held), fleets, 0);

    FleetSummary summary = watch.summary(fleet, 1);
    assertThat(summary)
        .isEqualTo(
            new FleetSummary(
                "r",
                "name",
                "running",
                3,
                1,
                2,
                900,
                340,
                1020,
                "",
                "",
                "disk full",
                summary.moves()));
    // Silent, they do not run, and what troubled them is not known any more.
    FleetSummary later = watch.summary(fleet, 5 * SECOND);
    assertThat(later.running()).isZero();
    assertThat(later.trouble()).isEmpty();
    assertThat(later.events()).isEqualTo(340);
  }

  @Test
  void hostsAreWaitingStartingRunningAndEnded() {
    Fleet fleet = submit("r", 5);
    told(0);
    watch.report(node("a", 1, running("r", 0, 5)), fleets, 0);
    fleets.apply(new FleetEvent.Ended("r", complete(2)));
    fleets.apply(new FleetEvent.Ended("r", HostOutcome.failed(3, "broken")));
    fleets.apply(new FleetEvent.Ended("r", Reports.stopped(4)));

    assertThat(IntStream.range(0, 5).mapToObj(host -> watch.host(fleet, host, 1).state()))
        .containsExactly("running", "starting", "complete", "failed", "stopped");
    assertThat(watch.host(fleet, 0, 1).node()).isEqualTo("a");
    assertThat(watch.host(fleet, 3, 1).trouble()).isEqualTo("broken");
    assertThat(watch.host(fleet, 1, 5 * SECOND).state()).isEqualTo("waiting");
    assertThat(watch.host(fleet, 0, 5 * SECOND).node()).isEmpty();
  }

  @Test
  void nodesHaveTheHostsThatRunOnThem() {
    submit("r", 4);
    submit("s", 4);
    watch.report(node("b", 1, allRunning("r", 0, 2)), fleets, 0);
    watch.report(node("a", 3, allRunning("s", 1, 1)), fleets, SECOND);

    assertThat(watch.nodes(SECOND))
        .containsExactly(
            new NodeSummary("a", 3, 1, 0, 0, 0), new NodeSummary("b", 1, 3, 0, 0, 1000));
    watch.report(node("a", 3), fleets, 62 * SECOND);
    assertThat(watch.nodes(62 * SECOND)).extracting(NodeSummary::node).containsExactly("a");
  }

  @Test
  void nothingIsKeptOfAStoppedFleetOnceNobodyRunsItsHosts() {
    Fleet fleet = submit("r", 2);
    told(0);
    watch.report(node("a", 1, running("r", 0, 7)), fleets, 0);
    fleets.apply(new FleetEvent.Stopped("r"));
    watch.settle(fleet, 1);
    assertThat(watch.running(fleet, 1)).containsExactly(0);
    watch.settle(fleet, 3 * SECOND);
    assertThat(watch.host(fleet, 0, 3 * SECOND).events()).isZero();
  }

  /** What a tick and what the end of a host cost does not depend on how large the fleet is. */
  @Test
  void aFleetOfAHundredThousandHostsIsRunThroughInOrder() {
    int hosts = 100_000;
    Fleet fleet = submit("r", hosts);
    watch.report(node("a", 50), fleets, 0);
    assertThat(told(0)).hasSize(100);
    for (int host = 0; host < hosts; host++) {
      List<String> next = end(fleet, host, 1);
      assertThat(next).isEqualTo(host + 100 < hosts ? List.of("r" + (host + 100)) : List.of());
      if (host % 100 == 0) {
        watch.summary(fleet, 1);
        told(1);
      }
    }
    assertThat(fleet.state()).isEqualTo("complete");
  }
}
