package dev.mapstorm.persistence.store;

/**
 * Which rows of the tables are those of a journal, and what may stand in them.
 *
 * @param after persistence ids of its streams are greater, byte by byte
 * @param before and less than this
 * @param epochs whether a row may carry the epoch of a {@linkplain PostgresClaims claim}
 */
record JournalScope(String after, String before, boolean epochs) {
  /** Everything: a file that a run has for itself. No id is as great as the last code point. */
  static final JournalScope FILE =
      new JournalScope("", new String(Character.toChars(Character.MAX_CODE_POINT)), false);

  /** The streams of one run among those of others: its id, a bar, and more. */
  static JournalScope ofRun(String run) {
    return new JournalScope(run + '|', run + (char) ('|' + 1), true);
  }
}
