package dev.mapstorm.actors.model.virtio;

import java.util.Arrays;

/**
 * What a virtio-iommu driver remembers of a domain's mappings, one for each request that made it
 * ({@code viommu_domain.mappings}, an interval tree in Linux). Mappings do not overlap. Addresses
 * in bytes, ends inclusive, unsigned. Not thread safe.
 */
final class ViommuMappings {
  private long[] first = new long[16];
  private long[] last = new long[16];
  private int size;

  /** {@code viommu_add_mapping}. */
  void add(long from, long to) {
    if (size == first.length) {
      first = Arrays.copyOf(first, size * 2);
      last = Arrays.copyOf(last, size * 2);
    }
    int at = firstEndingFrom(from);
    System.arraycopy(first, at, first, at + 1, size - at);
    System.arraycopy(last, at, last, at + 1, size - at);
    first[at] = from;
    last[at] = to;
    size++;
  }

  /**
   * {@code viommu_del_mappings}: forgets the mappings that begin in a range, whole, as the protocol
   * does not split any. A mapping that begins before the range ends this.
   *
   * @return bytes of the mappings
   */
  long remove(long from, long to) {
    int begin = firstEndingFrom(from);
    int end = begin;
    long bytes = 0;
    while (end < size
        && Long.compareUnsigned(first[end], to) <= 0
        && Long.compareUnsigned(first[end], from) >= 0) {
      bytes += last[end] - first[end] + 1;
      end++;
    }
    System.arraycopy(first, end, first, begin, size - end);
    System.arraycopy(last, end, last, begin, size - end);
    size -= end - begin;
    return bytes;
  }

  int size() {
    return size;
  }

  /** Index of the first mapping that ends at {@code address} or after it. */
  private int firstEndingFrom(long address) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      if (Long.compareUnsigned(last[middle], address) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
