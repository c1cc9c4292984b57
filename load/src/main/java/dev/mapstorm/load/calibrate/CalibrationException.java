package dev.mapstorm.load.calibrate;

/** Measurements that no profile can be made of; the message is one sentence. */
public final class CalibrationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what is wrong and where. */
  public CalibrationException(String message) {
    super(message);
  }
}
