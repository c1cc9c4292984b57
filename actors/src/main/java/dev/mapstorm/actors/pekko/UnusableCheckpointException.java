package dev.mapstorm.actors.pekko;

/**
 * A host could not go on from a checkpoint, and nothing has been written since it began there: it
 * can begin again from another one, or from its beginning.
 */
final class UnusableCheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long useUpTo;

  /**
   * What was wrong with the checkpoint.
   *
   * @param entry of the stream after which the checkpoint was taken
   * @param useUpTo last entry of which a checkpoint may be used instead; 0 for none
   */
  UnusableCheckpointException(long entry, long useUpTo, Throwable cause) {
    super(
        "the checkpoint after entry %d is not used: %s".formatted(entry, cause.getMessage()),
        cause);
    this.useUpTo = useUpTo;
  }

  /** Last entry of which a checkpoint may be used instead; 0 for none. */
  long useUpTo() {
    return useUpTo;
  }
}
