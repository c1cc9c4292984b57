package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.model.vtd.DescriptorKind;
import dev.mapstorm.actors.unit.PostedInvalidation;
import java.util.Arrays;

/**
 * Descriptors that a CPU submits together and waits for: one for each range, and after it one for
 * each device with ATS. It can be submitted again. Used again; not thread-safe.
 */
final class VtdSubmission extends PostedInvalidation {
  private DescriptorKind[] kinds = new DescriptorKind[1];

  /** Pairs of first granule and count; 0 for all. */
  private long[] blocks = new long[2];

  private int ranges;

  /** Without a range. */
  void clear() {
    ranges = 0;
  }

  /**
   * Adds a range.
   *
   * @param kind of its descriptor
   * @param pfn first granule that devices forget
   * @param pages granules that they forget; 0 for all
   */
  void add(DescriptorKind kind, long pfn, long pages) {
    if (ranges == kinds.length) {
      kinds = Arrays.copyOf(kinds, ranges * 2);
      blocks = Arrays.copyOf(blocks, ranges * 4);
    }
    kinds[ranges] = kind;
    blocks[2 * ranges] = pfn;
    blocks[2 * ranges + 1] = pages;
    ranges++;
  }

  int ranges() {
    return ranges;
  }

  /** First granule that devices forget. */
  long pfn(int range) {
    return blocks[2 * range];
  }

  /** Granules that devices forget; 0 for all. */
  long pages(int range) {
    return blocks[2 * range + 1];
  }

  /** Its descriptors in order, in {@code into} if there is room. */
  DescriptorKind[] descriptors(int devices, DescriptorKind[] into) {
    int count = ranges * (1 + devices);
    DescriptorKind[] all = count <= into.length ? into : new DescriptorKind[count];
    int at = 0;
    for (int range = 0; range < ranges; range++) {
      all[at++] = kinds[range];
      Arrays.fill(all, at, at + devices, DescriptorKind.DEVICE_TLB);
      at += devices;
    }
    return all;
  }
}
