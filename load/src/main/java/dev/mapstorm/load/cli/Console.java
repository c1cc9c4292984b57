package dev.mapstorm.load.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where a command prints.
 *
 * @param out results
 * @param err progress, notes and errors
 * @param live whether {@code err} is a terminal, where a line can be written over
 */
record Console(PrintWriter out, PrintWriter err, boolean live) {
  /** Set to true or false by the launcher, which can ask; Java cannot. */
  private static final String TERMINAL = "mapstorm.terminal";

  /** The streams of the process, in UTF-8. */
  static Console ofProcess() {
    String told = System.getProperty(TERMINAL);
    boolean live = told == null ? System.console() != null : Boolean.parseBoolean(told);
    PrintWriter out = new PrintWriter(ResultStream.ofProcess(), false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, false, StandardCharsets.UTF_8);
    return new Console(out, err, live);
  }

  /** Writes out what is buffered. */
  void flush() {
    out.flush();
    err.flush();
  }

  /** Whether some of the results could not be written. */
  boolean lostResults() {
    return out.checkError();
  }

  /** One line of results. */
  void print(String line) {
    out.print(line + "\n");
  }

  /** One line beside the results, at once. */
  void note(String line) {
    err.print(line + "\n");
    err.flush();
  }

  /** Whether somebody sits at a terminal who can answer. */
  boolean canAsk() {
    return live && System.console() != null;
  }

  /** Asks; anything but y or yes is a no. */
  boolean ask(String question) {
    err.print(question + " [y/N] ");
    flush();
    String answer = System.console().readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}
