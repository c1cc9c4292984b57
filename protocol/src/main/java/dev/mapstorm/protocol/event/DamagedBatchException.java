package dev.mapstorm.protocol.event;

/**
 * Bytes that are not what the journal's writer can have written. The message says what does not
 * fit, in one clause.
 */
public final class DamagedBatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Damage described by {@code message}. */
  public DamagedBatchException(String message) {
    super(message);
  }
}
