package dev.mapstorm.protocol.wire;

/**
 * Bytes that this version of the wire format cannot read. The message says why, in one clause whose
 * subject, "it", is what the bytes should have been.
 */
public final class WireFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Bytes refused for the reason in {@code message}. */
  public WireFormatException(String message) {
    super(message);
  }

  /** Bytes refused for the reason in {@code message}, found by {@code cause}. */
  public WireFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
