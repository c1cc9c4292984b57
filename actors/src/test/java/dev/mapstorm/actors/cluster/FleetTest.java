package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.complete;
import static dev.mapstorm.actors.cluster.Reports.fleet;
import static dev.mapstorm.actors.cluster.Reports.stopped;
import static dev.mapstorm.actors.cluster.Reports.submitted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.wire.WireFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static String simulated(int hosts) {
    List<HostResult> results =
        IntStream.range(0, hosts)
            .mapToObj(Reports::complete)
            .map(
                end ->
                    new HostResult(
                        end.host(), true, end.end(), 2, end.events(), end.bytes(), end.hash()))
            .toList();
    return new SimulationResult(results).hash();
  }

  @Test
  void theHashIsThatOfASimulationHoweverTheHostsEndInTime() {
    for (int hosts : new int[] {1, 4}) {
      Fleet fleet = fleet("r", hosts);
      for (int host = hosts - 1; host >= 0; host--) {
        assertThat(fleet.state()).isEqualTo("running");
        assertThat(fleet.hash()).isEmpty();
        fleet.ended(complete(host));
      }
      assertThat(fleet.state()).isEqualTo("complete");
      assertThat(fleet.hash()).isEqualTo(simulated(hosts));
      assertThat(fleet.isActive()).isFalse();
    }
  }

  @Test
  void aFleetWithAHostThatFailedGoesOnAndIsNeverComplete() {
    Fleet fleet = fleet("r", 3);
    fleet.ended(HostOutcome.failed(2, "broken"));
    fleet.ended(HostOutcome.failed(1, "also"));
    assertThat(fleet.state()).isEqualTo("running");
    assertThat(fleet.failure()).isEqualTo("host 1: also");
    fleet.ended(complete(0));
    assertThat(fleet.state()).isEqualTo("failed");
    assertThat(fleet.hash()).isEmpty();
  }

  @Test
  void aStoppedFleetRunsNoMoreUnlessItHadEndedAnyway() {
    Fleet fleet = fleet("r", 2);
    fleet.ended(complete(0));
    fleet.stop();
    assertThat(fleet.isActive()).isFalse();
    fleet.ended(stopped(1));
    assertThat(fleet.state()).isEqualTo("stopped");
    assertThat(fleet.hash()).isEmpty();

    Fleet whole = fleet("s", 1);
    whole.stop();
    whole.ended(complete(0));
    assertThat(whole.state()).isEqualTo("complete");
  }

  @Test
  void theFirstOutcomeOfAHostCounts() {
    Fleet fleet = fleet("r", 2);
    fleet.ended(complete(0));
    fleet.ended(HostOutcome.failed(0, "too late"));
    assertThat(fleet.ended()).isEqualTo(1);
    assertThat(fleet.failure()).isEmpty();
    assertThat(fleet.events()).isEqualTo(100);
  }

  @Test
  void sumsAndOpenHostsFollowTheOutcomes() {
    Fleet fleet = fleet("r", 4);
    assertThat(fleet.reached()).isEqualTo(Long.MAX_VALUE);
    fleet.ended(complete(1));
    fleet.ended(complete(0));
    assertThat(fleet.events()).isEqualTo(201);
    assertThat(fleet.bytes()).isEqualTo(601);
    assertThat(fleet.reached()).isEqualTo(1000);
    assertThat(fleet.nextOpen(0)).isEqualTo(2);
    assertThat(fleet.nextOpen(4)).isEqualTo(4);
    assertThat(IntStream.range(-1, 5).filter(fleet::isOpen)).containsExactly(2, 3);
  }

  /** As a snapshot holds them, in the bytes of the journal. */
  @Test
  void fleetsAreTheSameBehindASnapshot() {
    Fleets fleets = new Fleets();
    fleets.apply(submitted("b", 2));
    fleets.apply(submitted("a", 3));
    fleets.apply(submitted("c", 1));
    fleets.apply(new FleetEvent.Ended("a", HostOutcome.failed(2, "broken")));
    fleets.apply(new FleetEvent.Ended("b", complete(1)));
    fleets.apply(new FleetEvent.Stopped("b"));
    fleets.apply(new FleetEvent.Ended("c", complete(0)));

    WireFormat format = new WireFormat();
    Fleets again = Fleets.of(format.read(format.write(fleets.book()), FleetBook.class));

    assertThat(again).usingRecursiveComparison().isEqualTo(fleets);
    assertThat(again.all()).extracting(Fleet::run).containsExactly("b", "a", "c");
    assertThat(again.active()).extracting(Fleet::run).containsExactly("a");
  }
}
