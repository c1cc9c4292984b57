package dev.mapstorm.load.text;

/**
 * A text file does not hold what it should. The message is one line that names the file and, where
 * there is one, the line: {@code FILE:LINE: what is wrong}.
 */
public final class TextFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message as described above. */
  public TextFormatException(String message) {
    super(message);
  }

  /** With a message as described above and what caused it. */
  public TextFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
