package dev.mapstorm.load.conform;

/**
 * An order that the lines leave open and that shows only later, when what was freed is allocated
 * again. Each has a default, the order of the lines, and other values.
 *
 * @param kind what is open
 * @param of number of the flush; of {@link Kind#EARLY} and {@link Kind#LATE} the operation
 * @param cpu whose ring; 0 where it is of no CPU
 */
record Choice(Kind kind, int of, int cpu) {
  /** What is open. */
  enum Kind {
    /**
     * Which ranges that a CPU queued near a flush it frees: those before operation {@code value}.
     * Monotone, as a ring is.
     */
    CUT,
    /** Who frees a ring: the timer, or its CPU when operation {@code value} queues a range. */
    SWEEP,
    /** Whether the timer gets to the rings as late as possible. */
    HOLD,
    /** Whether an allocation goes as early as it is answered, not at its line. */
    EARLY,
    /** Whether a range is freed as late as possible, not at its invalidation. */
    LATE
  }

  /** The value of a choice that is left at its default. */
  static final int DEFAULT = -1;
}
