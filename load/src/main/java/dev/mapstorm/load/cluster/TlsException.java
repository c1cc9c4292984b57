package dev.mapstorm.load.cluster;

/** Keys or certificates that nodes cannot talk with, or that cannot be made: one sentence. */
public final class TlsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
