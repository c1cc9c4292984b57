package dev.mapstorm.persistence.store;

/** A run or journal that cannot be used as asked. The message is one sentence for the user. */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Refused for the reason in {@code message}. */
  public StoreException(String message) {
    super(message);
  }

  /** Refused for the reason in {@code message}, found by {@code cause}. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
