package dev.mapstorm.persistence.store;

import java.time.Instant;

/**
 * A run in a shared database, by its rows.
 *
 * @param id of the run
 * @param hosts that have a stream
 * @param entries of all streams
 * @param bytes of these entries, without what the database adds
 * @param checkpoints that are stored, of all hosts
 * @param checkpointBytes of these
 * @param lastWritten when the last entry was written, by the clock of its writer; the epoch of 1970
 *     if none was
 * @param claims of its streams
 * @param active whether an entry was written or a stream claimed within the last minute
 */
public record StoredRun(
    String id,
    int hosts,
    long entries,
    long bytes,
    long checkpoints,
    long checkpointBytes,
    Instant lastWritten,
    Claims claims,
    boolean active) {
  /**
   * How far the claims are.
   *
   * @param streams that are claimed
   * @param highestEpoch of these; 0 if there are none
   * @param lastBy who claimed last; empty if there are none
   * @param lastAt when, by the database's clock; the epoch of 1970 if there are none
   */
  public record Claims(int streams, long highestEpoch, String lastBy, Instant lastAt) {}
}
