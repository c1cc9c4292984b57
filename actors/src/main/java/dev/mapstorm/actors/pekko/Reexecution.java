package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import java.util.Arrays;
import java.util.List;

/**
 * The part of a stream that the journal has already while a resumed host comes to it again: each
 * batch that the host writes is held against the journal's instead of being written. The chain of
 * hashes makes it enough to know the hashes. Not thread-safe.
 */
final class Reexecution {
  private final HashChain chain;
  private final ColumnEncoder encoder;
  private final long firstKnown;
  private final List<byte[]> known;
  private long next;
  private byte[] hash;

  /**
   * @param next batch that the host will write first
   * @param hash of the batch before it
   * @param known hashes of the journal's batches from there to its last
   */
  Reexecution(HashChain chain, ColumnEncoder encoder, long next, byte[] hash, List<byte[]> known) {
    this.chain = chain;
    this.encoder = encoder;
    this.next = next;
    this.hash = hash;
    firstKnown = next;
    this.known = List.copyOf(known);
  }

  /** Whether the next batch of the host is one that the journal has. */
  boolean isUnderWay() {
    return next < firstKnown + known.size();
  }

  /** The next batch of the host. */
  long next() {
    return next;
  }

  /**
   * Takes the next batch of the host.
   *
   * @throws DivergedException if it is not the journal's
   */
  EventBatch take(int host, EventWords events) {
    EventBatch batch = chain.seal(hash, next, events, encoder.encode(events));
    if (!Arrays.equals(batch.hash(), known.get(Math.toIntExact(next - firstKnown)))) {
      throw new DivergedException(host, next);
    }
    hash = batch.hash();
    next++;
    return batch;
  }
}
