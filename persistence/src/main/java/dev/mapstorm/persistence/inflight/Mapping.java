package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.CallKind;

/**
 * A mapping in a client's hands.
 *
 * @param domain where it is
 * @param id the call that made it
 * @param what kind of call that was
 * @param client whose it is; -1 if the call was not seen
 * @param op the request that it is for; -1 if the call was not seen
 * @param pfn granule of its first DMA vector
 * @param pages granules mapped
 * @param offset of the first DMA vector in its granule, in bytes
 * @param bytes sum of its DMA vectors
 * @param vectors number of its DMA vectors
 * @param since when the client had it
 * @param callNs time of the calls that led to it, those that were declined included
 */
public record Mapping(
    int domain,
    long id,
    CallKind what,
    int client,
    long op,
    long pfn,
    long pages,
    int offset,
    long bytes,
    int vectors,
    long since,
    long callNs) {
  /** Stands for a mapping whose making was not seen. */
  public static final Mapping UNKNOWN =
      new Mapping(-1, -1, CallKind.MAP_PAGE, -1, -1, -1, 0, 0, 0, 0, 0, 0);

  /** Whether its beginning was seen. */
  public boolean isKnown() {
    return domain >= 0;
  }
}
