package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.WriterStanding;
import java.time.Duration;
import java.util.Optional;

/**
 * Finds out whether the coordinator's stream may be claimed, or is at work for another cluster on
 * the same database. A coordinator renews its claim every {@link #RENEWAL}. A claim of one's own
 * cluster, whose coordinator has moved, may be followed at once, and so may one that was not
 * renewed for {@link #SILENCE}: failures within a cluster are found out later than that. Otherwise
 * it is looked at again, and one that is renewed twice meanwhile is another cluster's. Once is not
 * enough: a member that was cut off may do that before it ends.
 */
final class ClaimWatch {
  /** How often a coordinator renews its claim. */
  static final Duration RENEWAL = Duration.ofSeconds(2);

  /** Without a renewal for so long, a claim is not at work any more. */
  static final Duration SILENCE = Duration.ofSeconds(5);

  /** How often a claim is looked at that may be another cluster's. */
  static final Duration LOOK = Duration.ofMillis(500);

  private static final int RENEWALS_OF_ANOTHER = 2;

  /** What to do. */
  enum Verdict {
    /** The stream may be claimed. */
    FREE,
    /** Look again, {@link #LOOK} later. */
    UNKNOWN,
    /** Another cluster is at work. */
    ANOTHER
  }

  private Optional<WriterStanding> last = Optional.empty();
  private int renewals;

  /**
   * Looks at the claim that counts.
   *
   * @param known the epoch of the own cluster's last coordinator
   */
  Verdict look(Optional<WriterStanding> present, long known) {
    if (present.isEmpty()
        || present.get().epoch() == known
        || present.get().silentMs() >= SILENCE.toMillis()) {
      last = Optional.empty();
      renewals = 0;
      return Verdict.FREE;
    }
    if (last.isPresent() && !last.get().renewed().equals(present.get().renewed())) {
      renewals++;
    }
    last = present;
    return renewals < RENEWALS_OF_ANOTHER ? Verdict.UNKNOWN : Verdict.ANOTHER;
  }
}
