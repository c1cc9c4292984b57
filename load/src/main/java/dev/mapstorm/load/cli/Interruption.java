package dev.mapstorm.load.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in good order when the process is told to stop (Ctrl-C, SIGTERM): the action
 * runs, and the process stays until the program has printed what it has to say, or a time limit has
 * passed.
 */
final class Interruption implements AutoCloseable {
  private static final int LIMIT_SECONDS = 30;

  private static final CountDownLatch PROGRAM_ENDS = new CountDownLatch(1);

  private final Thread hook = new Thread(this::interrupted, "interruption");
  private Runnable stop = () -> {};
  private boolean interrupted;

  /** Waits for signals from now on. */
  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** What the first signal does; at once, if it came already. */
  synchronized void onSignal(Runnable action) {
    stop = action;
    if (interrupted) {
      action.run();
    }
  }

  /** Everything is printed; the process may end. */
  static void programEnds() {
    PROGRAM_ENDS.countDown();
  }

  /** The command is done. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, which is what the hook is for.
      Thread.yield();
    }
  }

  private void interrupted() {
    synchronized (this) {
      interrupted = true;
      stop.run();
    }
    try {
      PROGRAM_ENDS.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
