package dev.mapstorm.load.conform;

/**
 * Two acts of a flush queue whose order the lines of the trace leave open, and that matter only
 * later, when what they freed is allocated again.
 *
 * @param line line of the range that is queued, or of the end of the flush
 * @param ring {@link #QUEUED_AT_FLUSH}, or the ring that the timer reclaims
 */
record Choice(long line, int ring) {
  /**
   * A range is queued while a flush starts: before the start, so that the flush frees it, or after?
   */
  static final int QUEUED_AT_FLUSH = -1;
}
