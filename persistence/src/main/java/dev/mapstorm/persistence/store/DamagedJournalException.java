package dev.mapstorm.persistence.store;

/** A journal that is not what was written. The message names the stream and the place in it. */
public final class DamagedJournalException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Damage described by {@code message}, found by {@code cause}, which may be null. */
  public DamagedJournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
