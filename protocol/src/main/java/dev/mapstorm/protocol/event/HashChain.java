package dev.mapstorm.protocol.event;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The SHA-256 chain over a host's batches: each hash covers the one before it, the batch's header
 * and its payload, so that the last hash stands for every event of the run. Not thread-safe.
 */
public final class HashChain {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  private final MessageDigest digest = sha256();
  private final ByteBuffer header = ByteBuffer.allocate(8 * 4);

  /**
   * What stands before the first batch: a hash of the host's number and seed. The scenario text
   * stays outside, so that a note in it changes no result.
   */
  public byte[] origin(StreamOpened opened) {
    digest.reset();
    digest.update("mapstorm journal 1".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    header.clear().putLong(opened.host()).putLong(opened.seed());
    digest.update(header.array(), 0, header.position());
    return digest.digest();
  }

  /** The hash of a batch behind {@code before}. */
  public byte[] next(byte[] before, long index, int count, long first, long last, byte[] payload) {
    digest.reset();
    digest.update(before);
    header.clear().putLong(index).putLong(count).putLong(first).putLong(last);
    digest.update(header.array(), 0, header.position());
    digest.update(payload);
    return digest.digest();
  }

  /** Whether {@code batch} is what stood behind {@code before} when it was written. */
  public boolean follows(byte[] before, EventBatch batch) {
    byte[] expected =
        next(before, batch.index(), batch.count(), batch.first(), batch.last(), batch.payload());
    return MessageDigest.isEqual(expected, batch.hash());
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
