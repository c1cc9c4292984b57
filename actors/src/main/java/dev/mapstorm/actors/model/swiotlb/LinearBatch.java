package dev.mapstorm.actors.model.swiotlb;

import dev.mapstorm.protocol.BounceResult;
import java.util.Arrays;

/**
 * A {@code dma_batch} over swiotlb, linearised into one bounce. Linux has no such code; the mail
 * that asks for it leaves it at "swiotlb that could do the same linearization", and these rules
 * make it:
 *
 * <ol>
 *   <li>A vector that would take the sum of lengths above the {@linkplain SwiotlbDevice#batchLimit
 *       limit} is not taken, and not split: the batch is full.
 *   <li>If some vector would not be bounced on its own, linearising is not free: no slot is taken,
 *       and the caller maps vector by vector.
 *   <li>Else there is one bounce of the sum, at the first vector's address. Vector k begins where
 *       k-1 ended, so only the first one's alignment matters.
 *   <li>Copies are made for each vector into its part of the bounce.
 * </ol>
 *
 * <p>Not thread-safe. Can be used again after {@link #begin}.
 */
public final class LinearBatch {
  private final BounceBuffer bounce = new BounceBuffer();
  private long limit;
  private long[] phys = new long[4];
  private long[] length = new long[4];
  private int vectors;
  private long bytes;

  /**
   * Starts a batch.
   *
   * @param limitBytes what it holds at most, {@link SwiotlbDevice#batchLimit}
   */
  public void begin(long limitBytes) {
    limit = limitBytes;
    vectors = 0;
    bytes = 0;
  }

  /**
   * Adds a vector.
   *
   * @return whether it was taken; if not, the batch is full
   */
  public boolean add(long address, long len) {
    if (len > limit - bytes) {
      return false;
    }
    if (vectors == phys.length) {
      phys = Arrays.copyOf(phys, 2 * vectors);
      length = Arrays.copyOf(length, 2 * vectors);
    }
    phys[vectors] = address;
    length[vectors++] = len;
    bytes += len;
    return true;
  }

  /** Vectors taken. */
  public int vectors() {
    return vectors;
  }

  /** Bytes of all vectors taken. */
  public long bytes() {
    return bytes;
  }

  /** Physical address of a vector. */
  public long phys(int vector) {
    return phys[vector];
  }

  /** Bytes of a vector. */
  public long length(int vector) {
    return length[vector];
  }

  /** Its slots, after {@link #finalise} took some. */
  public BounceBuffer bounce() {
    return bounce;
  }

  /**
   * Ends the batch, which holds at least one vector.
   *
   * @param device that it is for
   * @param offer as for {@link Swiotlb#map}
   * @return {@link BounceResult#DIRECT} if the caller has to map vector by vector; {@link
   *     BounceResult#BOUNCED} or {@link BounceResult#TRANSIENT} with {@link #bounce()}; or why not.
   *     Unlike a single mapping, an unreachable one has copied nothing
   */
  public BounceResult finalise(int cpu, Swiotlb swiotlb, SwiotlbDevice device, long offer) {
    for (int i = 0; i < vectors; i++) {
      if (!swiotlb.bounces(device, phys[i], length[i])) {
        swiotlb.search().clear();
        return BounceResult.DIRECT;
      }
    }
    BounceResult result = swiotlb.map(cpu, device, phys[0], bytes, 0, offer, bounce);
    if (result.tookSlots() && !device.reaches(bounce.address(), bytes)) {
      swiotlb.release(bounce);
      return BounceResult.UNREACHABLE;
    }
    return result;
  }

  /** Hears the copies of a batch. */
  public interface CopyVisitor {
    /**
     * Bytes that are copied between a vector and the bounce.
     *
     * @param phys address in the vector
     * @param address in the bounce
     * @param bytes copied, at least 1
     */
    void copy(long phys, long address, long bytes);
  }

  /** Names the copies that a sync of {@code len} bytes from {@code offset} on makes, in order. */
  public void copies(long offset, long len, CopyVisitor visitor) {
    long from = offset;
    long end = offset + bounce.copied(offset, len);
    long at = 0;
    for (int i = 0; i < vectors && at < end; i++) {
      long first = Math.max(from, at);
      long last = Math.min(end, at + length[i]);
      if (first < last) {
        visitor.copy(phys[i] + first - at, bounce.address() + first, last - first);
      }
      at += length[i];
    }
  }
}
