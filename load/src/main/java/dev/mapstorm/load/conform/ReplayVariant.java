package dev.mapstorm.load.conform;

/**
 * How the rings of a flush queue are freed. Only {@link #LINUX} is right; the others show what a
 * wrong rule explains.
 *
 * @param reverse whether the timer sweeps them from the last to the first
 * @param ownCpu whether each is freed into the caches of its own CPU
 */
record ReplayVariant(boolean reverse, boolean ownCpu) {
  /** Ascending, all by the timer's CPU ({@code fq_flush_timeout}). */
  static final ReplayVariant LINUX = new ReplayVariant(false, false);
}
