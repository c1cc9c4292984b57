package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.pekko.Causes;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tries every other second whether something answers that the node needs: the journal's database,
 * the coordinator. What has no answer for {@link #LIMIT} does not answer. Thread-safe.
 */
public final class Probe implements AutoCloseable {
  /** An attempt that takes longer has failed, whatever becomes of it. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final int EVERY_SECONDS = 2;

  /** Does something that needs the answer, and gives up after a while. */
  @FunctionalInterface
  public interface Attempt {
    /** Fails in whatever way it fails. */
    void run() throws Exception;
  }

  private final ScheduledExecutorService thread;
  private final LongSupplier wallNs;

  private volatile String trouble = "was not asked yet";

  /** When the attempt under way began; only while there is one. */
  private volatile long begunNs;

  private volatile boolean asking;

  /**
   * Probes from now on.
   *
   * @param name of what is probed, for its thread
   */
  public Probe(String name, Attempt attempt) {
    this(name, attempt, System::nanoTime);
  }

  /**
   * Probes from now on.
   *
   * @param wallNs a monotonic clock
   */
  Probe(String name, Attempt attempt, LongSupplier wallNs) {
    this.wallNs = wallNs;
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
    begunNs = wallNs.getAsLong();
    asking = true;
    try {
      attempt.run();
      trouble = "";
    } catch (Exception e) {
      trouble = Causes.oneLine(Causes.words(e).strip());
    } finally {
      asking = false;
    }
  }

  /** What is wrong as far as is known; empty if nothing. */
  String trouble() {
    return asking && wallNs.getAsLong() - begunNs > LIMIT.toNanos()
        ? "does not answer within %d s".formatted(LIMIT.toSeconds())
        : trouble;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
