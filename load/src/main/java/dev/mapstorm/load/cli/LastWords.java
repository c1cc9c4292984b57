package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.persistence.text.PrintableText;
import dev.mapstorm.persistence.text.Units;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What the program says when it cannot go on because memory or stack is used up, or because of an
 * error that nobody expected, on whatever thread: one line that says what to lower, and the exit
 * code {@link ExitCode#ERROR}. What was journaled until then is kept.
 */
final class LastWords {
  private static final String MORE = "give it more, such as MAPSTORM_JAVA_OPTS=-Xmx4g";
  private static final String NO_MEMORY =
      "out of memory (%s; the heap may have %s): lower hosts, clients, client.depth or devices, --hosts-per-lane of a node, or "
          + MORE;

  /** Given up when memory is used up, so that there is some to say so with. */
  private static byte[] reserve = new byte[512 * 1024];

  private static final AtomicBoolean SAID = new AtomicBoolean();

  /** Said where there is not even the memory to find words. */
  private static final byte[] AT_LEAST =
      "mapstorm: out of memory: lower hosts, clients, client.depth or devices, or %s\n"
          .formatted(MORE)
          .getBytes(StandardCharsets.UTF_8);

  private LastWords() {}

  /**
   * Makes an error that no thread handles end the process.
   *
   * @param debug whether its stack trace is wanted, asked when it happens
   */
  static void onUncaughtErrors(BooleanSupplier debug) {
    Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> end(cause, debug.getAsBoolean()));
  }

  /** Ends the process, at once: no hook of it can be relied on. */
  private static void end(Throwable cause, boolean debug) {
    if (!SAID.compareAndSet(false, true)) {
      return;
    }
    try {
      reserve = null;
      write(AT_LEAST, cause, debug);
    } finally {
      Runtime.getRuntime().halt(ExitCode.ERROR);
    }
  }

  private static void write(byte[] atLeast, Throwable cause, boolean debug) {
    byte[] said = atLeast;
    try {
      StringBuilder text =
          new StringBuilder("mapstorm: ").append(PrintableText.lines(of(cause))).append('\n');
      if (debug) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace));
        text.append(PrintableText.lines(trace.toString()));
      }
      said = text.toString().getBytes(StandardCharsets.UTF_8);
    } catch (OutOfMemoryError e) {
      // What was made before does.
      said = atLeast;
    }
    try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
      err.write(said);
    } catch (IOException e) {
      // Nobody is there to hear it; the exit code tells.
      return;
    }
  }

  /** The error among a failure and its causes that ends the program; empty if there is none. */
  static Optional<Error> in(Throwable failure) {
    return Causes.find(failure, Error.class);
  }

  /** An error in one sentence. */
  static String of(Throwable error) {
    String message = String.valueOf(error.getMessage());
    if (error instanceof StackOverflowError) {
      return "the stack is used up: what was given to it is nested too deeply; lower its depth, or give a thread more, such as MAPSTORM_JAVA_OPTS=-Xss8m";
    }
    if (error instanceof OutOfMemoryError) {
      return message.toLowerCase(Locale.ROOT).contains("thread")
          ? "the system gives it no more threads (%s): lower --lanes, or raise the limit of the user (ulimit -u) or of the container"
              .formatted(message)
          : NO_MEMORY.formatted(message, Units.bytes(Runtime.getRuntime().maxMemory()));
    }
    return "unexpected error, %s: %s (--debug prints its stack trace)"
        .formatted(error.getClass().getSimpleName(), message);
  }
}
