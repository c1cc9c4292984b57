package dev.mapstorm.actors.driver;

/**
 * The time of one CPU: work that is not waited for, such as a doorbell write or a stolen timer
 * callback, delays what comes next. Not thread-safe.
 */
final class Cpu {
  private long freeAt;

  /**
   * Nanoseconds from {@code now} until work of {@code costNs} that starts as soon as possible is
   * done.
   */
  long delay(long now, long costNs) {
    return Math.max(now, freeAt) - now + costNs;
  }

  /** Takes {@code ns} of the CPU, from {@code now} or behind what it already has to do. */
  void spend(long now, long ns) {
    freeAt = Math.max(now, freeAt) + ns;
  }
}
