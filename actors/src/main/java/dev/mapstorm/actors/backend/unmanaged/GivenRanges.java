package dev.mapstorm.actors.backend.unmanaged;

import java.util.Arrays;

/** Ranges of granules that are in use, none of which meet another. Not thread-safe. */
final class GivenRanges {
  private long[] first = new long[8];
  private long[] end = new long[8];
  private int size;

  /** Takes a range; false if a part of it is in use. */
  boolean take(long pfn, long pages) {
    int found = Arrays.binarySearch(first, 0, size, pfn);
    int at = found < 0 ? ~found : found;
    boolean meets = at < size && first[at] < pfn + pages || at > 0 && end[at - 1] > pfn;
    if (meets) {
      return false;
    }
    if (size == first.length) {
      first = Arrays.copyOf(first, size * 2);
      end = Arrays.copyOf(end, size * 2);
    }
    System.arraycopy(first, at, first, at + 1, size - at);
    System.arraycopy(end, at, end, at + 1, size - at);
    first[at] = pfn;
    end[at] = pfn + pages;
    size++;
    return true;
  }

  /** Gives back the range that starts at a granule; there must be one. */
  void give(long pfn) {
    int at = Arrays.binarySearch(first, 0, size, pfn);
    if (at < 0) {
      throw new IllegalStateException("no range in use starts at pfn 0x%x".formatted(pfn));
    }
    size--;
    System.arraycopy(first, at + 1, first, at, size - at);
    System.arraycopy(end, at + 1, end, at, size - at);
  }
}
