package dev.mapstorm.persistence.store;

/** A row that cannot stand where it does; the message says why, in one clause. */
final class FlawedRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FlawedRowException(String message) {
    super(message);
  }
}
