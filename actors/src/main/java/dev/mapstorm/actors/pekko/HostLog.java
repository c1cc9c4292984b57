package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.StreamId;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The log of one host: each of its lines has the run, the host and the host's virtual time in the
 * mapped diagnostic context, where a layout finds them under {@link #RUN}, {@link #HOST} and {@link
 * #VIRTUAL_NS}. Nothing simulated depends on it. May be used from any thread.
 */
public final class HostLog {
  /** Key of the run's id. */
  public static final String RUN = "mapstorm.run";

  /** Key of the host's number. */
  public static final String HOST = "mapstorm.host";

  /** Key of the instant in virtual nanoseconds that the host's clock had reached. */
  public static final String VIRTUAL_NS = "mapstorm.virtualNs";

  private static final Logger LOG = LoggerFactory.getLogger(HostLog.class);

  private final StreamId stream;
  private final LongSupplier virtualNs;

  /**
   * The log of a host.
   *
   * @param virtualNs its virtual time, to be asked from any thread
   */
  public HostLog(StreamId stream, LongSupplier virtualNs) {
    this.stream = stream;
    this.virtualNs = virtualNs;
  }

  /** A line of level INFO, as {@link Logger#info(String, Object...)} makes it. */
  public void info(String format, Object... arguments) {
    if (LOG.isInfoEnabled()) {
      Map<String, String> before = MDC.getCopyOfContextMap();
      ofHost().forEach(MDC::put);
      now().forEach(MDC::put);
      LOG.info(format, arguments);
      if (before == null) {
        MDC.clear();
      } else {
        MDC.setContextMap(before);
      }
    }
  }

  /**
   * A behaviour whose lines are lines of this host, whoever writes them, while it handles one of
   * its messages or a signal.
   *
   * @param messages what it hears; what it says to itself in another protocol is left out
   */
  public <T> Behavior<T> around(Class<T> messages, Behavior<T> behavior) {
    return Behaviors.withMdc(messages, ofHost(), message -> now(), behavior);
  }

  private Map<String, String> ofHost() {
    return Map.of(RUN, stream.run(), HOST, Integer.toString(stream.host()));
  }

  private Map<String, String> now() {
    return Map.of(VIRTUAL_NS, Long.toString(virtualNs.getAsLong()));
  }
}
