package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.text.PrintableText;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where a command prints. Whatever text is given to it, a terminal shows it and obeys none of it
 * ({@link PrintableText}).
 */
final class Console {
  /** Set to true or false by the launcher, which can ask; Java cannot. */
  private static final String TERMINAL = "mapstorm.terminal";

  private static final String ERASE_LINE = "\r\033[K";
  private static final String ERASE_LINES = "\033[%dA\033[J";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean live;

  /**
   * A console.
   *
   * @param out results
   * @param err progress, notes and errors
   * @param live whether {@code err} is a terminal, where a line can be written over
   */
  Console(PrintWriter out, PrintWriter err, boolean live) {
    this.out = out;
    this.err = err;
    this.live = live;
  }

  /** The streams of the process, in UTF-8. */
  static Console ofProcess() {
    String told = System.getProperty(TERMINAL);
    boolean live = told == null ? System.console() != null : Boolean.parseBoolean(told);
    PrintWriter out = new PrintWriter(ResultStream.ofProcess(), false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, false, StandardCharsets.UTF_8);
    return new Console(out, err, live);
  }

  /** Results as they are: for a library's own texts. */
  PrintWriter out() {
    return out;
  }

  /** What is beside the results, as it is: for a library's own texts. */
  PrintWriter err() {
    return err;
  }

  /** Whether there is a terminal, where a line can be written over. */
  boolean live() {
    return live;
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
    out.print(PrintableText.lines(line) + "\n");
  }

  /** Lines of results, each with its line break. */
  void text(Object lines) {
    out.print(PrintableText.lines(lines.toString()));
  }

  /** Results as JSON, escaped and of any length. */
  void json(String text) {
    out.print(text + "\n");
  }

  /** One line beside the results, at once. */
  void note(String line) {
    err.print(PrintableText.lines(line) + "\n");
    err.flush();
  }

  /** A line beside the results that the next one is written over, if there is a terminal. */
  void over(String line) {
    String shown = PrintableText.lines(line);
    err.print(live ? ERASE_LINE + shown : shown + "\n");
    err.flush();
  }

  /** Takes the last lines beside the results away; there is a terminal. */
  void eraseLines(int count) {
    err.print(ERASE_LINES.formatted(count));
  }

  /** Whether somebody sits at a terminal who can answer. */
  boolean canAsk() {
    return live && System.console() != null;
  }

  /** Asks; anything but y or yes is a no. */
  boolean ask(String question) {
    err.print(PrintableText.lines(question) + " [y/N] ");
    flush();
    String answer = System.console().readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}
