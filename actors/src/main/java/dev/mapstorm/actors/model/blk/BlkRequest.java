package dev.mapstorm.actors.model.blk;

import java.util.Arrays;
import java.util.List;

/**
 * A request of a block queue: what of {@code struct request} its mapping depends on. Immutable but
 * for the arrays of its bios, which must not be changed.
 */
public final class BlkRequest {
  private final QueueLimits limits;
  private final List<Bio> bios;
  private long[] phys = new long[16];
  private long[] length = new long[16];
  private int segments;

  /**
   * A request with its segments.
   *
   * @param bios at least one
   */
  public BlkRequest(QueueLimits limits, List<Bio> bios) {
    if (bios.isEmpty()) {
      throw new IllegalArgumentException("a request has a bio");
    }
    this.limits = limits;
    this.bios = List.copyOf(bios);
    walk();
  }

  /** The limits of its queue. */
  public QueueLimits limits() {
    return limits;
  }

  /** {@code blk_rq_payload_bytes}. */
  public long bytes() {
    return bios.stream().mapToLong(Bio::bytes).sum();
  }

  /** Segments that {@code blk_map_iter_next} makes. */
  public int segments() {
    return segments;
  }

  /** Physical address of segment {@code i}. */
  public long phys(int i) {
    return phys[i];
  }

  /** Bytes of segment {@code i}. */
  public long length(int i) {
    return length[i];
  }

  /**
   * {@code blk_map_iter_next}, to the end: a vector is cut where a segment must end; one that is
   * used up is extended by whole vectors after it, also of the next bio.
   */
  private void walk() {
    int bio = 0;
    int vector = 0;
    long used = 0;
    while (bio < bios.size()) {
      long start = bios.get(bio).phys(vector) + used;
      long max = limits.maxFrom(start);
      long bytes = Math.min(bios.get(bio).length(vector) - used, max);
      used += bytes;
      while (used == bios.get(bio).length(vector)) {
        used = 0;
        vector++;
        if (vector == bios.get(bio).vectors()) {
          vector = 0;
          bio++;
        }
        if (bio == bios.size()) {
          break;
        }
        long next = bios.get(bio).length(vector);
        if (bytes + next > max
            || !limits.mergeable(start, bytes, bios.get(bio).phys(vector), next)) {
          break;
        }
        bytes += next;
        used = next;
      }
      add(start, bytes);
    }
  }

  private void add(long start, long bytes) {
    if (segments == phys.length) {
      phys = Arrays.copyOf(phys, segments * 2);
      length = Arrays.copyOf(length, segments * 2);
    }
    phys[segments] = start;
    length[segments++] = bytes;
  }

  /**
   * {@code request.phys_gap_bit} (Linux 6.19): 1 more than the lowest bit in which an end or a
   * start between neighbours is not aligned; 0 if there are none. Inside a bio all neighbours count
   * ({@code bio_split_io_at}), between bios only those that do not merge ({@code bio_seg_gap}).
   */
  public int gapBit() {
    long lowest = 0;
    for (int b = 0; b < bios.size(); b++) {
      Bio bio = bios.get(b);
      long gaps = 0;
      int last = bio.vectors() - 1;
      for (int i = 1; i <= last; i++) {
        gaps |= bio.offset(i) | bio.offset(i - 1) + bio.length(i - 1);
      }
      lowest = lower(lowest, gaps);
      if (b + 1 < bios.size()) {
        Bio next = bios.get(b + 1);
        if (!limits.mergeable(bio.phys(last), bio.length(last), next.phys(0), next.length(0))) {
          lowest = lower(lowest, next.offset(0) | bio.offset(last) + bio.length(last));
        }
      }
    }
    return lowest == 0 ? 0 : Long.numberOfTrailingZeros(lowest) + 1;
  }

  private static long lower(long lowest, long gaps) {
    long bit = Long.lowestOneBit(gaps);
    return lowest == 0 || bit != 0 && bit < lowest ? bit : lowest;
  }
}
