package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Waits while a cluster's coordinator moves to another node. Nodes are there meanwhile and say that
 * they cannot answer; with nobody there at all it is not worth waiting.
 */
public final class Failover {
  private static final long AGAIN_MS = 500;

  /** A lost node is given up after some ten seconds; a busy machine or database takes longer. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

  /** Asks for something. */
  @FunctionalInterface
  public interface Attempt<T> {
    /** Fails with {@link NodeUnavailableException} if it may be asked for again. */
    T make() throws IOException, InterruptedException;
  }

  private Failover() {}

  /**
   * The answer, once there is one.
   *
   * @param wallNs a monotonic clock
   * @param waiting hears once why it has to be waited for
   * @throws NodeUnavailableException if there was nobody to ask, or no answer within a minute
   */
  public static <T> T through(Attempt<T> attempt, LongSupplier wallNs, Consumer<String> waiting)
      throws IOException, InterruptedException {
    long until = wallNs.getAsLong() + PATIENCE_NS;
    boolean waited = false;
    while (true) {
      try {
        return attempt.make();
      } catch (NodeUnavailableException e) {
        if (!waited && !e.isReached() || wallNs.getAsLong() - until > 0) {
          throw e;
        }
        if (!waited) {
          waiting.accept(e.getMessage());
        }
        waited = true;
        Thread.sleep(AGAIN_MS);
      }
    }
  }
}
