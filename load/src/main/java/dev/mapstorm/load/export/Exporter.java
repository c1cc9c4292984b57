package dev.mapstorm.load.export;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventCursor;
import java.io.IOException;

/**
 * Writes the events of a run in one format, as they come: what it holds grows with what is in
 * flight, not with the length of the run. Hosts come one after the other. Failures to write are
 * {@link IOException} or {@link java.io.UncheckedIOException}; after one it is only closed. Not
 * thread-safe.
 */
public interface Exporter extends AutoCloseable {
  /**
   * Whether it needs to hear of the events before its window, to know what is in flight when that
   * begins.
   */
  boolean needsHistory();

  /**
   * The events that follow are those of host {@code host}.
   *
   * @param inFlight what of the host is in flight at each of them, by all of its events up to
   *     there; kept up to date only for those that {@linkplain #needsHistory need history}
   */
  void beginHost(int host, InFlight inFlight) throws IOException;

  /**
   * The next event.
   *
   * @param event where it stands; only valid during the call
   * @param number of the event in its host, from 0
   * @param within whether it lies in the window; one that does not comes before it, and only if
   *     {@link #needsHistory}
   */
  void event(EventCursor event, long number, boolean within) throws IOException;

  /** The host's events are over: at the end of the window or, before that, of the journal. */
  void endHost(long t) throws IOException;

  /** All hosts are over; writes what is left, but closes nothing. */
  void finish() throws IOException;

  /** What has been written: rows of tables, lines of text, packets or events of a trace. */
  long written();

  /** Gives up what it holds. Without {@link #finish} before, what was written is of no use. */
  @Override
  void close() throws IOException;
}
