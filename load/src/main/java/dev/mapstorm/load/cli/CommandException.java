package dev.mapstorm.load.cli;

/** A command cannot go on; the message is one line. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** What the program exits with. */
  int exitCode() {
    return exitCode;
  }
}
