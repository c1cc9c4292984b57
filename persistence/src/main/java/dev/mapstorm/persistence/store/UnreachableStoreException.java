package dev.mapstorm.persistence.store;

/**
 * A shared database that does not answer or does not let one in. What it holds is not known to be
 * wrong.
 */
public final class UnreachableStoreException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Described by {@code message}, found by {@code cause}. */
  UnreachableStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
