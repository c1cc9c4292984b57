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
     * the tree, as soon as it may, or so after a step of the schedule.
     */
    EARLY,
    /**
     * Whether a range is freed right after its invalidation, or after a step of the schedule, not
     * as late as possible.
     */
    PROMPT
  }

  /** Whether it is when an operation takes place. */
  boolean isOrder() {
    return kind == Kind.EARLY || kind == Kind.PROMPT;
  }

  /** The value of a choice that is left at its default. */
  static final int DEFAULT = -1;

  /** Of {@link Kind#EARLY}: before what would spoil it. */
  static final int BEFORE_SPOILT = 1;

  /** Of {@link Kind#EARLY} and {@link Kind#PROMPT}: when it opens, or as soon after as may be. */
  static final int AS_SOON = 2;

  private static final int FIRST_STEP = 3;

  /** Of {@link Kind#EARLY} and {@link Kind#PROMPT}: after a step, or as soon after as may be. */
  static int after(int step) {
    return FIRST_STEP + step;
  }

  /** The step of {@link #after}; -1 of {@link #AS_SOON}; else {@link Integer#MAX_VALUE}. */
  static int stepOf(int value) {
    return value >= FIRST_STEP ? value - FIRST_STEP : value == AS_SOON ? -1 : Integer.MAX_VALUE;
  }
}
