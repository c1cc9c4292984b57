package dev.mapstorm.actors.pekko;

/** A host that was executed again came to other events than its journal has. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int host;
  private final long batch;

  /** Host {@code host} differs from its journal in batch {@code batch} first. */
  DivergedException(int host, long batch) {
    super(
        "host %d: executed again, batch %d has other events than the journal"
            .formatted(host, batch));
    this.host = host;
    this.batch = batch;
  }

  /** The host's number. */
  public int host() {
    return host;
  }
}
