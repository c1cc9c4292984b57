package dev.mapstorm.actors.pekko;

import java.time.Duration;

/**
 * How a run waits for a store that fails: after the first failure for {@code first}, then twice as
 * long each time up to {@code longest}, and when it has waited for {@code total} without a batch
 * being written it gives up. Wall time; no result depends on it.
 *
 * @param first above 0
 * @param longest at least {@code first}
 * @param total after which the run fails
 */
public record StorePatience(Duration first, Duration longest, Duration total) {
  /** A store that is restarted or full for two minutes holds a run and does not end it. */
  public static final StorePatience DEFAULT =
      new StorePatience(Duration.ofMillis(200), Duration.ofSeconds(5), Duration.ofMinutes(2));

  /** How long to wait behind the failure number {@code failures}, counted from 1. */
  public Duration delay(int failures) {
    Duration delay = first;
    for (int i = 1; i < failures && delay.compareTo(longest) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    return delay.compareTo(longest) < 0 ? delay : longest;
  }
}
