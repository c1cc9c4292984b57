package dev.mapstorm.protocol.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The SHA-256 chain over a host's batches: each hash covers the one before it, the batch's header
 * and its payload, so that the last hash stands for every event of the run. Not thread-safe.
 */
public final class HashChain {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  private static final byte[] ORIGIN = "mapstorm journal 2".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest digest = sha256();
  private final ByteBuffer header = ByteBuffer.allocate(8 * 4 + 8 * EventKind.CODES);

  /**
   * What stands before the first batch: a hash of the host's number and seed. The scenario text
   * stays outside, so that a note in it changes no result.
   */
  public byte[] origin(StreamOpened opened) {
    digest.reset();
    digest.update(ORIGIN);
    header.clear().putLong(opened.host()).putLong(opened.seed());
    digest.update(header.array(), 0, header.position());
    return digest.digest();
  }

  /**
   * The batch of {@code events}, number {@code index} of its host, behind the one with the hash
   * {@code before}; {@code payload} is what {@link ColumnEncoder} makes of the events.
   */
  public EventBatch seal(byte[] before, long index, EventWords events, byte[] payload) {
    int count = events.count();
    long first = events.firstInstant();
    long last = events.lastInstant();
    int[] kinds = events.kindCounts();
    byte[] hash = hash(before, index, count, first, last, kinds, payload);
    return new EventBatch(index, count, first, last, kinds, payload, hash);
  }

  /** Whether {@code batch} is what was sealed behind the hash {@code before}. */
  public boolean follows(byte[] before, EventBatch batch) {
    byte[] expected =
        hash(
            before,
            batch.index(),
            batch.count(),
            batch.first(),
            batch.last(),
            batch.kindCounts(),
            batch.payload());
    return Arrays.equals(expected, batch.hash());
  }

  private byte[] hash(
      byte[] before,
      long index,
      int count,
      long first,
      long last,
      int[] kindCounts,
      byte[] payload) {
    digest.reset();
    digest.update(before);
    header.clear().putLong(index).putLong(count).putLong(first).putLong(last);
    for (int code = 0; code < kindCounts.length; code++) {
      // Only the kinds that occur, so that a new kind leaves the hashes of old journals alone.
      if (kindCounts[code] != 0) {
        header.putInt(code).putInt(kindCounts[code]);
      }
    }
    digest.update(header.array(), 0, header.position());
    digest.update(payload);
    return digest.digest();
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
