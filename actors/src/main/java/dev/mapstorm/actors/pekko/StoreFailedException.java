package dev.mapstorm.actors.pekko;

/** The journal's store failed and did not come back. What was acknowledged is in the journal. */
public final class StoreFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
