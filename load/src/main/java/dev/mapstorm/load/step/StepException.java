package dev.mapstorm.load.step;

/** A command cannot be understood; the message is one line and says what would be right. */
public final class StepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StepException(String message) {
    super(message);
  }
}
