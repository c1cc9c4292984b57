package dev.mapstorm.load.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * The plainest allocator of IOVAs that does the job: a tree of what is taken, searched from the
 * limit down for the first gap that is large enough and aligned, without any cache. Linux did so
 * before it had magazines (4.7). The baseline of {@link IovaBench}.
 */
final class PlainIovas {
  private final TreeMap<Long, Long> taken = new TreeMap<>();

  /**
   * Takes frames.
   *
   * @param size how many; they are aligned to the next power of two
   * @param limit the highest that may be given
   * @return the lowest of them, or -1 if there is no room
   */
  long allocate(long size, long limit) {
    long align = -Long.highestOneBit(2 * size - 1);
    long above = limit + 1;
    for (Map.Entry<Long, Long> range : taken.headMap(above, false).descendingMap().entrySet()) {
      long end = range.getKey() + range.getValue();
      long low = above - size & align;
      if (low >= end) {
        taken.put(low, size);
        return low;
      }
      above = Math.min(above, range.getKey());
    }
    long low = above - size & align;
    if (low < 1) {
      return -1;
    }
    taken.put(low, size);
    return low;
  }

  /** Gives back what {@link #allocate} gave. */
  void free(long low) {
    taken.remove(low);
  }
}
