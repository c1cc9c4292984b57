package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.load.step.StepAnswer;
import dev.mapstorm.load.step.StepException;
import dev.mapstorm.load.step.StepSession;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.replay.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Steps through a run at a prompt or by a script. At the prompt Ctrl-C ends a search, an empty line
 * repeats the last command, and a mistake is told and forgotten; a script stops at it. One thread,
 * but for the signal.
 */
final class Stepping {
  private final Console console;
  private final boolean json;

  /** Shows how far the command at work is. */
  private ProgressLine line;

  private volatile boolean interrupted;

  /** A search was ended by Ctrl-C. */
  private static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** An answer as a line of JSON. */
  record Line(String command, Object result) {}

  Stepping(Console console, boolean json) {
    this.console = console;
    this.json = json;
  }

  /**
   * Opens a session, which completes the index first.
   *
   * @param moment where to begin; the end of the journal stands for its beginning
   */
  StepSession begin(HostIndex index, RunOutline outline, int mostShown, Moment moment) {
    try (ProgressLine opening = new ProgressLine(console, System::nanoTime)) {
      line = opening;
      StepSession session = new StepSession(index, outline, mostShown, this::progress);
      if (!moment.equals(Moment.END)) {
        session.goTo(moment);
      }
      return session;
    }
  }

  private void progress(double fraction, long events) {
    if (interrupted) {
      throw new Interrupted();
    }
    line.events("reading", fraction, events);
  }

  /**
   * Executes a script.
   *
   * @return whether it said to quit
   * @throws CommandException at the first command that is none
   */
  boolean execute(StepSession session, List<String> commands) {
    for (String command : commands) {
      try {
        if (answer(session, command)) {
          return true;
        }
      } catch (StepException e) {
        throw new CommandException(
            ExitCode.USAGE, "--exec \"%s\": %s".formatted(command, e.getMessage()));
      }
    }
    return false;
  }

  private boolean answer(StepSession session, String command) {
    StepAnswer answer;
    try (ProgressLine searching = new ProgressLine(console, System::nanoTime)) {
      line = searching;
      answer = session.execute(command);
    }
    if (!json) {
      console.text(answer.text());
    } else if (!answer.ends()) {
      Json.printLine(console, new Line(answer.command(), answer.result()));
    }
    console.flush();
    return answer.ends();
  }

  /** Asks for commands on the process's terminal, until one says to quit. */
  void prompt(StepSession session) {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      prompt(session, terminal);
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be used: " + e.getMessage(), e);
    }
  }

  /** The same on a terminal. */
  void prompt(StepSession session, Terminal terminal) {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .completer(
                (itsReader, words, candidates) ->
                    session
                        .candidates(words.words().subList(0, words.wordIndex()))
                        .forEach(each -> candidates.add(candidate(each))))
            .build();
    terminal.handle(Terminal.Signal.INT, signal -> interrupted = true);
    String last = "";
    while (true) {
      String command = read(reader, session);
      if (command == null) {
        return;
      }
      last = command.isBlank() ? last : command;
      if (!last.isBlank() && obeyed(session, last)) {
        return;
      }
    }
  }

  /** A line, of which Ctrl-C gives up what was typed; null at the end of input. */
  private static String read(LineReader reader, StepSession session) {
    while (true) {
      try {
        return reader.readLine("(%s) ".formatted(session.spot()));
      } catch (UserInterruptException e) {
        // As in a shell: another line.
        continue;
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  /** Executes a command; whether it was the last one. */
  private boolean obeyed(StepSession session, String command) {
    interrupted = false;
    try {
      return answer(session, command);
    } catch (StepException e) {
      console.note(e.getMessage());
    } catch (Interrupted e) {
      console.note("interrupted; at " + session.spot());
    }
    return false;
  }

  private static Candidate candidate(String word) {
    boolean complete = !word.endsWith("=");
    return new Candidate(word, word, null, null, null, null, complete);
  }
}
