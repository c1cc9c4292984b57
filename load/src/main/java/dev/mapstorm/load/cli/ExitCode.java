package dev.mapstorm.load.cli;

/** What the program tells the shell. */
final class ExitCode {
  /** All is well. */
  static final int OK = 0;

  /** Something failed, or a comparison found differences. */
  static final int ERROR = 1;

  /** The command line or the scenario is wrong. */
  static final int USAGE = 2;

  /** A measured figure misses a threshold that the user gave. */
  static final int THRESHOLD = 99;

  private ExitCode() {}
}
