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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What the program says when it cannot go on because memory or stack is used up, or because of an
 * error that nobody expected, on whatever thread: one line that says what to lower, and the exit
 * code {@link ExitCode#ERROR}. What was journaled until then is kept.
 */
final class LastWords {
  private static final String MORE = "give it more, such as MAPSTORM_JAVA_OPTS=-Xmx4g";
  private static final String NO_MEMORY =
      "out of memory (%s; the heap may have %s): lower hosts, clients, client.depth or devices,"
          + " --hosts-per-lane of a node, or "
          + MORE;

  /** Given up when memory is used up, so that there is some to say so with. */
  private static byte[] reserve = new byte[512 * 1024];

  /** Given up one after the other, for what is told somebody else as well. */
  private static final int RESERVES = 4;

  private static final int RESERVE_BYTES = 1024 * 1024;
  private static final long TELLING_SECONDS = 6;
  private static final long PAUSE_MS = 100;

  /** Who else is told; made before, with its own thread, since there may be no memory for one. */
  private static volatile Listener listener;

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

  /**
   * Has somebody else hear the error, too, after it is written and before the process ends. What
   * this one says fails where memory does not suffice, and is then said again, a few times. For one
   * listener, in a process that ends with it.
   *
   * @param hearer is called on a thread of its own; has some seconds
   */
  static void alsoTell(Consumer<Throwable> hearer) {
    listener = new Listener(hearer);
  }

  /**
   * Whether an error may come from what the program was given to do: from a heap or a stack that
   * did not suffice, not from a broken installation or a system that gives no threads.
   */
  static boolean mayBeOfItsWork(Throwable error) {
    return error instanceof VirtualMachineError && !isOfThreads(error);
  }

  /** A thread that waits for the error. */
  private static final class Listener {
    private final Consumer<Throwable> hearer;
    private final byte[][] reserves = new byte[RESERVES][RESERVE_BYTES];
    private final CountDownLatch happened = new CountDownLatch(1);
    private final CountDownLatch told = new CountDownLatch(1);
    private Throwable cause;

    Listener(Consumer<Throwable> hearer) {
      this.hearer = hearer;
      Thread thread = new Thread(this::listen, "last-words");
      thread.setDaemon(true);
      thread.start();
    }

    private void listen() {
      try {
        happened.await();
        for (int i = 0; i < RESERVES && !heard(i); i++) {
          TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        told.countDown();
      }
    }

    /** Whether it need not be said again. */
    private boolean heard(int reserve) {
      reserves[reserve] = null;
      try {
        hearer.accept(cause);
        return true;
      } catch (VirtualMachineError | LinkageError | RuntimeException e) {
        return false;
      }
    }

    void tell(Throwable error) {
      cause = error;
      happened.countDown();
      try {
        told.await(TELLING_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the process, at once: no hook of it can be relied on. */
  private static void end(Throwable cause, boolean debug) {
    if (!SAID.compareAndSet(false, true)) {
      return;
    }
    try {
      reserve = null;
      write(AT_LEAST, cause, debug);
      Listener also = listener;
      if (also != null) {
        also.tell(cause);
      }
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
    } catch (VirtualMachineError | LinkageError e) {
      // What was made before does. Without memory the JVM's own linkage fails as well.
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

  private static boolean isOfThreads(Throwable error) {
    return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT).contains("thread");
  }

  /** Where memory ends while the JVM links a call, it says so in an error of another kind. */
  private static boolean isOfMemory(Throwable error) {
    return error instanceof OutOfMemoryError
        || error instanceof Error
            && String.valueOf(error.getMessage()).contains(OutOfMemoryError.class.getName());
  }

  /** An error in one sentence. */
  static String of(Throwable error) {
    String message = String.valueOf(error.getMessage());
    if (error instanceof StackOverflowError) {
      return "the stack is used up: what was given to it is nested too deeply; lower its depth, or"
          + " give a thread more, such as MAPSTORM_JAVA_OPTS=-Xss8m";
    }
    if (isOfMemory(error)) {
      return isOfThreads(error)
          ? "the system gives it no more threads (%s): lower --lanes, or raise the limit of the user (ulimit -u) or of the container"
              .formatted(message)
          : NO_MEMORY.formatted(message, Units.bytes(Runtime.getRuntime().maxMemory()));
    }
    return "unexpected error, %s: %s (--debug prints its stack trace)"
        .formatted(error.getClass().getSimpleName(), message);
  }
}
