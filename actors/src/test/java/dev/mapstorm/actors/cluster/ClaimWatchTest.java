package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.ClaimWatch.Verdict.ANOTHER;
import static dev.mapstorm.actors.cluster.ClaimWatch.Verdict.FREE;
import static dev.mapstorm.actors.cluster.ClaimWatch.Verdict.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.WriterStanding;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimWatchTest {
  private static final long SILENCE_MS = ClaimWatch.SILENCE.toMillis();

  private final ClaimWatch watch = new ClaimWatch();

  private ClaimWatch.Verdict look(String renewed, long silentMs) {
    return watch.look(Optional.of(new WriterStanding(5, "a", renewed, silentMs)), 4);
  }

  @Test
  void whatNobodyClaimedIsFree() {
    assertThat(watch.look(Optional.empty(), 0)).isEqualTo(FREE);
  }

  @Test
  void theOwnClustersLastClaimIsFree() {
    WriterStanding own = new WriterStanding(5, "a", "t", 0);
    assertThat(watch.look(Optional.of(own), 5)).isEqualTo(FREE);
  }

  @Test
  void aClaimThatWasNotRenewedForLongIsFreeWithoutBeingWatched() {
    assertThat(look("t", SILENCE_MS)).isEqualTo(FREE);
  }

  @Test
  void aClaimThatIsNotRenewedAnyMoreIsFreeAfterAWhile() {
    for (long silent = 0; silent < SILENCE_MS; silent += ClaimWatch.LOOK.toMillis()) {
      assertThat(look("t", silent)).isEqualTo(UNKNOWN);
    }
    assertThat(look("t", SILENCE_MS)).isEqualTo(FREE);
  }

  @Test
  void aClaimThatIsRenewedTwiceIsOfAnotherCluster() {
    assertThat(look("t1", 0)).isEqualTo(UNKNOWN);
    assertThat(look("t1", 500)).isEqualTo(UNKNOWN);
    assertThat(look("t2", 0)).isEqualTo(UNKNOWN);
    assertThat(look("t2", 500)).isEqualTo(UNKNOWN);
    assertThat(look("t3", 0)).isEqualTo(ANOTHER);
  }

  @Test
  void aMemberThatRenewsOnceMoreBeforeItEndsIsNotTakenForAnotherCluster() {
    assertThat(look("t1", 0)).isEqualTo(UNKNOWN);
    assertThat(look("t2", 0)).isEqualTo(UNKNOWN);
    assertThat(look("t2", SILENCE_MS)).isEqualTo(FREE);
    assertThat(look("t3", 0)).isEqualTo(UNKNOWN);
  }
}
