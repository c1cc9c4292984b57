package dev.mapstorm.protocol.event;

/**
 * A batch of events in the journal.
 *
 * @param index counts a host's batches from 0
 * @param count events in it
 * @param first instant of the first event
 * @param last instant of the last event
 * @param kindCounts events by {@link EventKind#code()}
 * @param payload the events as {@link ColumnEncoder} writes them; like the other arrays, not to be
 *     written to
 * @param hash {@link HashChain} over this batch and all before it
 */
public record EventBatch(
    long index, int count, long first, long last, int[] kindCounts, byte[] payload, byte[] hash)
    implements JournalEntry {

  /** Events of one kind in it. */
  public int count(EventKind kind) {
    return kindCounts[kind.code()];
  }
}
