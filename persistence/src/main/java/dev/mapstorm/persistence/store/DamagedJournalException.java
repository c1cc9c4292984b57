package dev.mapstorm.persistence.store;

/**
 * A journal that is not what was written. The message names the stream and the place in it, or the
 * part of the file.
 */
public final class DamagedJournalException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final boolean salvageable;

  /** Damage described by {@code message}, found by {@code cause}, which may be null. */
  public DamagedJournalException(String message, Throwable cause) {
    this(message, true, cause);
  }

  /**
   * The same.
   *
   * @param salvageable whether anything stands before the damage, as far as is known
   */
  DamagedJournalException(String message, boolean salvageable, Throwable cause) {
    super(message, cause);
    this.salvageable = salvageable;
  }

  /** Whether it is worth trying to {@linkplain Salvage salvage} what stands before the damage. */
  public boolean isSalvageable() {
    return salvageable;
  }
}
