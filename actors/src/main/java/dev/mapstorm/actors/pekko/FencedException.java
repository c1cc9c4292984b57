package dev.mapstorm.actors.pekko;

/** An incarnation of a writer found that its stream has been claimed by a newer one. */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
