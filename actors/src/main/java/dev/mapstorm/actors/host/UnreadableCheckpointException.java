package dev.mapstorm.actors.host;

/** A checkpoint that this build cannot read. What it stands for can be executed again instead. */
public final class UnreadableCheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean ofAnotherBuild;

  private UnreadableCheckpointException(String message, boolean ofAnotherBuild, Throwable cause) {
    super(message, cause);
    this.ofAnotherBuild = ofAnotherBuild;
  }

  /** Its classes have another shape than those of this build. */
  static UnreadableCheckpointException anotherBuild() {
    return new UnreadableCheckpointException(
        "it was written by another build of mapstorm, whose models have other fields", true, null);
  }

  /** It has the right shape, but its content makes no host. */
  static UnreadableCheckpointException wrong(Throwable cause) {
    return new UnreadableCheckpointException("it makes no host: " + cause, false, cause);
  }

  /** Whether another build wrote it, so that the checkpoints before it cannot be read either. */
  public boolean ofAnotherBuild() {
    return ofAnotherBuild;
  }
}
