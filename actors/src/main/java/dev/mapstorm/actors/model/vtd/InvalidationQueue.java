package dev.mapstorm.actors.model.vtd;

import java.util.Arrays;
import java.util.Map;

/**
 * The invalidation queue of one VT-d unit: a ring of descriptors that the hardware works through in
 * order, one at a time ({@code qi_submit_sync}, {@code drivers/iommu/intel/dmar.c} in Linux 6.12).
 *
 * <p>A submission takes its descriptors and one wait descriptor; it is done when the hardware has
 * done the wait. Linux submits only while {@code count + 2} slots are free, as one slot stays empty
 * between tail and head. Slots come back a submission at a time, in order, at the instant its wait
 * is done (in Linux when the submitter has seen that, one poll later).
 *
 * <p>Time is handed in, in nanoseconds, and may not go back. Plain arithmetic: who waits, and for
 * what lock, is the caller's business. Not thread safe.
 */
public final class InvalidationQueue {
  /** {@code QI_LENGTH}. */
  public static final int DEFAULT_LENGTH = 256;

  private static final long UNKNOWN = -1;

  private final int length;
  private final long[] serviceNs = new long[DescriptorKind.values().length];
  private final long[] doneNs;
  private final int[] slots;
  private int first;
  private int pending;
  private int used;
  private long hardwareFreeNs;
  private long lastNs;
  private long submissions;
  private long descriptors;
  private long busyNs;

  /**
   * @param length slots of the ring, at least 3
   * @param serviceNs nanoseconds that the hardware takes for one descriptor of a kind, not
   *     negative; kinds that are absent cannot be submitted, {@link DescriptorKind#WAIT} must be
   *     there
   * @throws IllegalArgumentException if the length or a time is out of range
   */
  public InvalidationQueue(int length, Map<DescriptorKind, Long> serviceNs) {
    if (length < 3) {
      throw new IllegalArgumentException(
          "an invalidation queue of " + length + " slots holds no submission, 3 are needed");
    }
    this.length = length;
    doneNs = new long[length / 2 + 1];
    slots = new int[length / 2 + 1];
    Arrays.fill(this.serviceNs, UNKNOWN);
    serviceNs.forEach(
        (kind, ns) -> {
          if (ns < 0) {
            throw new IllegalArgumentException(
                "a " + kind + " descriptor cannot take " + ns + " ns");
          }
          this.serviceNs[kind.ordinal()] = ns;
        });
    serviceNs(DescriptorKind.WAIT);
  }

  /**
   * The instant from which a submission of {@code count} descriptors fits, if no other is made
   * before: {@code nowNs}, or when enough of those queued will be done.
   *
   * @throws IllegalArgumentException if the ring is too short for it, or time goes back
   */
  public long roomAt(long nowNs, int count) {
    requireCount(count);
    advance(nowNs);
    int free = length - used;
    long at = nowNs;
    for (int i = 0; free < count + 2; i++) {
      int oldest = (first + i) % slots.length;
      free += slots[oldest];
      at = doneNs[oldest];
    }
    return at;
  }

  /**
   * Submits descriptors of one kind and a wait descriptor.
   *
   * @return the instant at which the wait is done
   * @throws IllegalStateException if they do not fit now, see {@link #roomAt}
   * @throws IllegalArgumentException if the kind has no service time, the count is out of range, or
   *     time goes back
   */
  public long submit(long nowNs, DescriptorKind kind, int count) {
    requireRoom(nowNs, count);
    return enqueue(nowNs, count, serviceNs(kind) * count);
  }

  /**
   * Submits a batch of descriptors, in order, and a wait descriptor.
   *
   * @param kinds kinds of the descriptors, from index 0; not kept
   * @param count how many of them
   * @return the instant at which the wait is done
   * @throws IllegalStateException if they do not fit now, see {@link #roomAt}
   * @throws IllegalArgumentException if a kind has no service time, the count is out of range, or
   *     time goes back
   */
  public long submit(long nowNs, DescriptorKind[] kinds, int count) {
    requireRoom(nowNs, count);
    long ns = 0;
    for (int i = 0; i < count; i++) {
      ns += serviceNs(kinds[i]);
    }
    return enqueue(nowNs, count, ns);
  }

  /** Slots that are free at {@code nowNs}. */
  public int free(long nowNs) {
    advance(nowNs);
    return length - used;
  }

  /** Submissions that are not done at {@code nowNs}. */
  public int pending(long nowNs) {
    advance(nowNs);
    return pending;
  }

  /** The instant at which the hardware has done all that was submitted; 0 before the first. */
  public long hardwareFreeNs() {
    return hardwareFreeNs;
  }

  /** Descriptors submitted so far, wait descriptors included. */
  public long descriptors() {
    return descriptors;
  }

  /** Nanoseconds of service of all that was submitted so far. */
  public long busyNs() {
    return busyNs;
  }

  private long enqueue(long nowNs, int count, long workNs) {
    long ns = workNs + serviceNs(DescriptorKind.WAIT);
    hardwareFreeNs = Math.max(nowNs, hardwareFreeNs) + ns;
    int last = (first + pending) % slots.length;
    doneNs[last] = hardwareFreeNs;
    slots[last] = count + 1;
    pending++;
    used += count + 1;
    submissions++;
    descriptors += count + 1;
    busyNs += ns;
    return hardwareFreeNs;
  }

  private void advance(long nowNs) {
    if (nowNs < lastNs) {
      throw new IllegalArgumentException("time went back from " + lastNs + " to " + nowNs + " ns");
    }
    lastNs = nowNs;
    while (pending > 0 && doneNs[first] <= nowNs) {
      used -= slots[first];
      first = (first + 1) % slots.length;
      pending--;
    }
  }

  private void requireRoom(long nowNs, int count) {
    requireCount(count);
    advance(nowNs);
    if (length - used < count + 2) {
      throw new IllegalStateException(
          (length - used) + " slots are free, " + count + " descriptors need " + (count + 2));
    }
  }

  private void requireCount(int count) {
    if (count < 1 || count > length - 2) {
      throw new IllegalArgumentException(
          "a queue of " + length + " slots takes 1 to " + (length - 2) + " at once, not " + count);
    }
  }

  private long serviceNs(DescriptorKind kind) {
    long ns = serviceNs[kind.ordinal()];
    if (ns == UNKNOWN) {
      throw new IllegalArgumentException("no service time is given for " + kind);
    }
    return ns;
  }
}
