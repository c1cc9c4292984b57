package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.time.HostClock;

/** Where a host reports to. Called from the entity's threads and from the lane. */
public interface HostListener {
  /** The machine runs; its virtual time can be read from {@code clock} from now on. */
  void started(HostClock clock);

  /** The stream is claimed; what follows is of this incarnation. */
  void claimed(WriterClaim claim);

  /**
   * An interrupted run goes on: what follows the checkpoint is executed again.
   *
   * @param checkpoint events of the run up to the checkpoint; 0 if there is none
   * @param journaled events in the journal
   */
  void recovered(long checkpoint, long journaled);

  /** So many events, in so many bytes of payload, are in the journal. */
  void journaled(long events, long bytes);

  /** A checkpoint could not be stored; the run goes on without it. */
  void checkpointFailed(Throwable cause);

  /** The run is over. */
  void ended(HostResult result);

  /** The run cannot go on; with {@link FencedException} if another incarnation took it over. */
  void failed(Throwable cause);
}
