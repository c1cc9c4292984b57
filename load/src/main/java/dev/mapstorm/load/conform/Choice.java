package dev.mapstorm.load.conform;

/**
 * An order that the lines leave open and that shows only later, when what was freed is allocated
 * again. Each has a default, the order of the lines, and other values.
 *
 * @param kind what is open
 * @param of number of the flush; of {@link Kind#EARLY} and {@link Kind#PROMPT} the operation
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
    /** On which CPU the timer of an inferred flush runs: {@code value} as the schedule has it. */
    TIMER,
    /**
     * Whether an allocation goes before its line: before a free that would spoil its answer from
     * the tree, or as soon as it may.
     */
    EARLY,
    /** Whether a range is freed right after its invalidation, not as late as possible. */
    PROMPT
  }

  /** The value of a choice that is left at its default. */
  static final int DEFAULT = -1;

  /** Of {@link Kind#EARLY}: before what would spoil it. */
  static final int BEFORE_SPOILT = 1;

  /** Of {@link Kind#EARLY}: when it opens, or as soon after as the model answers it. */
  static final int AS_SOON = 2;
}
