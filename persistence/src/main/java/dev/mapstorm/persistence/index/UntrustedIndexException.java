package dev.mapstorm.persistence.index;

/**
 * An index cannot be used: it is damaged, of another run or program, or cannot be read or written.
 * Nothing is lost by doing without it.
 */
final class UntrustedIndexException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UntrustedIndexException(String message) {
    super(message);
  }

  UntrustedIndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
