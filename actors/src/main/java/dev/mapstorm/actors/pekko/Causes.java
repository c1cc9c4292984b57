package dev.mapstorm.actors.pekko;

import java.util.Optional;

/** What is behind a failure, in words. */
public final class Causes {
  private Causes() {}

  /**
   * The message of the first cause of a failure, or its class where it says nothing; that the disk
   * is full stands before it.
   */
  public static String deepest(Throwable failure) {
    String said = said(failure);
    return DiskFull.isCause(failure) ? "%s: %s".formatted(DiskFull.WORDS, said) : said;
  }

  private static String said(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** The first of a failure and its causes that is of a class. */
  public static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
