package dev.mapstorm.load.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.event.EventStream;
import org.apache.pekko.event.slf4j.Slf4jLoggingFilter;

/**
 * Closes the connections at a node's port when what comes in there cannot be read, over and over.
 *
 * <p>Artery's framing adds a frame's length to a position and does not look for overflow (Pekko
 * 1.7.0, {@code TcpFraming} and {@code ByteStringParser.ByteReader.take}). A length near 2^31, or
 * below 0, is taken for that of a frame which is there, and the position does not move on: the same
 * bytes are decoded for ever, also after the peer has gone. No setting bounds it; without TLS
 * whoever reaches the port can cause it.
 *
 * <p>What Artery does with such a frame is to log that it drops it, at whichever level, and a
 * logging filter is asked before every line. So this one counts, and fails instead of answering
 * once it is too much. That fails the stage which reads. Artery then ends all inbound streams,
 * which closes the connection that loops, and begins anew; nodes connect again within a second or
 * two.
 *
 * <p>Named in the configuration of nodes, made by Pekko. Thread-safe.
 */
public final class InboundBreaker extends Slf4jLoggingFilter {
  /** Artery's stages that read what comes in. They log what they drop, and hardly anything else. */
  private static final String DECODER = "org.apache.pekko.remote.artery.Decoder";

  private static final String DESERIALIZER = "org.apache.pekko.remote.artery.Deserializer";

  /**
   * A loop makes 600 lines a second, where only each 256th frame has one, up to 100,000. A peer
   * that was started again costs some dozens.
   */
  private static final int AT_MOST = 2_000;

  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier wallNs;
  private long begun;
  private int dropped;

  /** Called by Pekko. */
  public InboundBreaker(ActorSystem.Settings settings, EventStream stream) {
    super(settings, stream);
    wallNs = System::nanoTime;
    begun = wallNs.getAsLong();
  }

  @Override
  public boolean isErrorEnabled(Class<?> of, String source) {
    count(of);
    return super.isErrorEnabled(of, source);
  }

  @Override
  public boolean isWarningEnabled(Class<?> of, String source) {
    count(of);
    return super.isWarningEnabled(of, source);
  }

  @Override
  public boolean isDebugEnabled(Class<?> of, String source) {
    count(of);
    return super.isDebugEnabled(of, source);
  }

  private void count(Class<?> of) {
    String name = of.getName();
    if (!name.equals(DECODER) && !name.equals(DESERIALIZER)) {
      return;
    }
    if (isTooMuch()) {
      throw new IllegalStateException(
          "%d frames could not be read within %d s, all inbound connections are closed"
              .formatted(AT_MOST, TimeUnit.NANOSECONDS.toSeconds(WINDOW_NS)));
    }
  }

  /** Twice in a window: the stage catches a failure in most places, and logs that it has. */
  private synchronized boolean isTooMuch() {
    long now = wallNs.getAsLong();
    if (now - begun >= WINDOW_NS) {
      begun = now;
      dropped = 0;
    }
    dropped++;
    return dropped == AT_MOST || dropped == AT_MOST + 1;
  }
}
