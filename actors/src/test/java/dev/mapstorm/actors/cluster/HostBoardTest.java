package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.time.EventGate;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostBoardTest {
  private static final EventGate NONE = null;

  private final HostBoard board = new HostBoard(3, () -> 5_000);

  private HostReport only() {
    assertThat(board.reports()).hasSize(1);
    return board.reports().get(0);
  }

  @Test
  void lanesAreDealtOutEvenly() {
    List<HostBoard.Slot> slots = new ArrayList<>();
    for (int host = 0; host < 7; host++) {
      slots.add(board.open("r", host));
    }
    assertThat(slots).extracting(HostBoard.Slot::lane).containsExactly(0, 1, 2, 0, 1, 2, 0);
    board.close(slots.get(1));
    board.close(slots.get(4));
    assertThat(board.open("r", 7).lane()).isEqualTo(1);
    assertThat(board.open("r", 8).lane()).isEqualTo(1);
  }

  @Test
  void aSlotThatIsClosedTwiceGivesItsLaneBackOnce() {
    HostBoard.Slot first = board.open("r", 0);
    board.close(first);
    board.close(first);
    for (int host = 1; host <= 3; host++) {
      assertThat(board.open("r", host).lane()).isEqualTo(host - 1);
    }
    assertThat(board.open("r", 4).lane()).isZero();
  }

  /** The entity before ends behind the beginning of the next one. */
  @Test
  void anEntityThatEndsLateDoesNotTakeItsSuccessorOffTheBoard() {
    HostBoard.Slot before = board.open("r", 0);
    HostBoard.Slot now = board.open("r", 0);
    board.close(before);
    assertThat(board.reports()).hasSize(1);
    board.close(now);
    assertThat(board.reports()).isEmpty();
    for (int host = 1; host <= 3; host++) {
      assertThat(board.open("r", host).lane()).isEqualTo(host - 1);
    }
  }

  @Test
  void onlyWhatThisNodeJournaledCountsAsWritten() {
    HostBoard.Slot slot = board.open("r", 0);
    slot.claimed(new WriterClaim(7, "a", 3_800));
    slot.journaled(1000, 4000);
    slot.recovered(600, 1000);
    slot.started(new HostClock(1, NONE));
    assertThat(board.written()).isZero();
    assertThat(only())
        .isEqualTo(new HostReport("r", 0, 0, 1000, 4000, 7, "a", HostReport.NO_GAP, 400, ""));

    slot.journaled(1000, 4000);
    assertThat(only().gapMs()).isEqualTo(HostReport.NO_GAP);
    slot.journaled(1300, 5000);
    slot.journaled(1400, 5500);
    assertThat(board.written()).isEqualTo(400);
    assertThat(only()).isEqualTo(new HostReport("r", 0, 0, 1400, 5500, 7, "a", 1_200, 400, ""));
  }

  @Test
  void troubleIsOverWhenTheJournalGrows() {
    HostBoard.Slot slot = board.open("r", 0);
    slot.started(new HostClock(1, NONE));
    slot.inTrouble("disk full");
    assertThat(only().trouble()).isEqualTo("disk full");
    slot.journaled(5, 10);
    assertThat(only().trouble()).isEmpty();
  }

  @Test
  void reportsComeInAFixedOrder() {
    for (int host = 0; host < 12; host++) {
      board.open("b", 11 - host);
      board.open("a", host);
    }
    List<String> order =
        board.reports().stream().map(each -> each.run() + "|" + each.host()).toList();
    assertThat(order).hasSize(24).isSorted();
  }
}
