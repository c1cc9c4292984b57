package dev.mapstorm.actors.pekko;

/** What is behind a failure, in words. */
public final class Causes {
  private Causes() {}

  /** The message of the first cause of a failure, or its class where it says nothing. */
  public static String deepest(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
