package dev.mapstorm.actors.host;

/** A checkpoint that this build cannot read. What it stands for can be executed again instead. */
public final class UnreadableCheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
