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
    return words(cause);
  }

  /** The message of a failure, or its class where it says nothing. */
  public static String words(Throwable failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  /** A message of several lines as one. */
  public static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ");
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
