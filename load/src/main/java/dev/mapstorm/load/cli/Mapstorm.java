package dev.mapstorm.load.cli;

import java.util.Locale;

/** The program. */
public final class Mapstorm {
  private Mapstorm() {}

  /** Runs a command line and exits with its code, see {@link Program}. */
  public static void main(String[] args) {
    CommonPool.atLeastTwoWorkers();
    Locale.setDefault(Locale.ROOT);
    Console console = Console.ofProcess();
    Program program = new Program(console);
    LastWords.onUncaughtErrors(program::debug);
    int code = program.run(args);
    console.flush();
    Interruption.programEnds();
    System.exit(code);
  }
}
