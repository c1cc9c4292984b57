package dev.mapstorm.load.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in good order when the process is told to stop (Ctrl-C, SIGTERM): the action
 * runs, and the process stays until the command is closed or a time limit has passed.
 */
final class Interruption implements AutoCloseable {
  private static final int LIMIT_SECONDS = 30;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean interrupted;

  /** Runs {@code stop} on the first signal. */
  Interruption(Runnable stop) {
    hook = new Thread(() -> interrupted(stop), "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the process was told to stop. */
  boolean happened() {
    return interrupted;
  }

  /** The command is done. */
  @Override
  public void close() {
    closed.countDown();
    if (!interrupted) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        interrupted = true; // the signal came this very moment
      }
    }
  }

  private void interrupted(Runnable stop) {
    interrupted = true;
    stop.run();
    try {
      closed.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
