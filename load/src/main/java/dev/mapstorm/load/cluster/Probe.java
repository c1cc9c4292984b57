package dev.mapstorm.load.cluster;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tries every other second whether something answers that the node needs: the journal's database,
 * the coordinator. Thread-safe.
 */
public final class Probe implements AutoCloseable {
  private static final int EVERY_SECONDS = 2;

  /** Does something that needs the answer, and gives up after a while. */
  @FunctionalInterface
  public interface Attempt {
    /** Fails in whatever way it fails. */
    void run() throws Exception;
  }

  private final ScheduledExecutorService thread;

  private volatile String trouble = "it was not asked yet";

  /**
   * Probes from now on.
   *
   * @param name of what is probed, for its thread
   */
  public Probe(String name, Attempt attempt) {
    thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, name + "-probe");
              made.setDaemon(true);
              return made;
            });
    thread.scheduleWithFixedDelay(() -> probe(attempt), 0, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void probe(Attempt attempt) {
    try {
      attempt.run();
      trouble = "";
    } catch (Exception e) {
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      trouble = message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
  }

  /** What was wrong the last time; empty if nothing. */
  String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
