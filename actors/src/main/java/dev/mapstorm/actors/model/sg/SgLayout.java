package dev.mapstorm.actors.model.sg;

import java.util.Arrays;

/**
 * How {@code dma_map_sg} lays a list of segments out in one I/O virtual range: {@code
 * iommu_dma_map_sg} and {@code __finalise_sg} of {@code drivers/iommu/dma-iommu.c} and the
 * coalescing of {@code iommu_map_sg} ({@code drivers/iommu/iommu.c}), Linux 6.12.
 *
 * <p>Two steps, because the range is allocated in between: {@link #measure} says how long it must
 * be, {@link #place} takes its address and produces what the device is told ({@code dma} vectors)
 * and the physically contiguous chunks to map, in order.
 *
 * <p>The range is assumed to be aligned to its length rounded up to a power of two, as the IOVA
 * allocator guarantees; the segment boundary is kept only then. Lengths are 32 bits in Linux and
 * all arithmetic on them wraps as it does there.
 *
 * <p>Addresses and lengths in bytes. Made once and used again for every list: it grows to the
 * longest list seen and then allocates no more. Not thread safe.
 */
public final class SgLayout {
  private static final long U32 = 0xffff_ffffL;

  private final long granule;
  private int segments;
  private long segBoundaryMask;
  private long maxSegSize;
  private long iovaLength;
  private long[] base = new long[16];
  private long[] offset = new long[16];
  private long[] length = new long[16];
  private long[] padded = new long[16];
  private long[] vectorAddress = new long[16];
  private long[] vectorLength = new long[16];
  private int vectors;
  private long[] chunkIova = new long[16];
  private long[] chunkPhys = new long[16];
  private long[] chunkLength = new long[16];
  private int chunks;

  /**
   * @param granule IOVA granule: the domain's smallest page size, a power of two
   * @throws IllegalArgumentException if it is not a power of two
   */
  public SgLayout(long granule) {
    if (Long.bitCount(granule) != 1) {
      throw new IllegalArgumentException("the granule is a power of two, not " + granule);
    }
    this.granule = granule;
  }

  /**
   * First step: how much I/O virtual space the list needs. Every segment is padded out to whole
   * granules, and the one before is lengthened where a segment would otherwise cross a boundary.
   *
   * @param physAddresses first physical address of each segment
   * @param lengths bytes of each segment, unsigned
   * @param count number of segments, from index 0
   * @param boundaryMask {@code dma_get_seg_boundary}: a power of two less one that no vector may
   *     cross
   * @param maxSize {@code dma_get_max_seg_size}: longest vector to merge segments into, 1 to {@code
   *     2^32 - 1}
   * @return the length to allocate, a multiple of the granule; 0 if there is nothing to map
   * @throws IllegalArgumentException if an argument is out of range, or a segment would be longer
   *     than 32 bits once padded
   */
  public long measure(
      long[] physAddresses, int[] lengths, int count, long boundaryMask, long maxSize) {
    requireLimits(boundaryMask, maxSize);
    ensureSegments(count);
    segments = count;
    segBoundaryMask = boundaryMask;
    maxSegSize = maxSize;
    iovaLength = 0;
    vectors = 0;
    chunks = 0;
    for (int i = 0; i < count; i++) {
      long bytes = lengths[i] & U32;
      long s = physAddresses[i] & granule - 1;
      base[i] = physAddresses[i] - s;
      offset[i] = s;
      length[i] = bytes;
      padded[i] = bytes + s + granule - 1 & -granule;
      long pad = boundaryMask - iovaLength + 1 & boundaryMask;
      if (pad != 0 && Long.compareUnsigned(pad, padded[i] - 1) < 0) {
        padded[i - 1] += pad;
        iovaLength += pad;
        requireU32(i - 1);
      }
      requireU32(i);
      iovaLength += padded[i];
    }
    return iovaLength;
  }

  /**
   * Second step: lays the measured list out from {@code iova} on. If {@link #measure} answered 0
   * the address is of no use, as in Linux, and nothing is mapped.
   */
  public void place(long iova) {
    concatenate(iova);
    coalesce(iova);
  }

  /** Number of vectors for the device. */
  public int vectors() {
    return vectors;
  }

  /** DMA address of vector {@code vector}. */
  public long vectorAddress(int vector) {
    return vectorAddress[within(vector, vectors)];
  }

  /** Bytes of vector {@code vector}. */
  public long vectorLength(int vector) {
    return vectorLength[within(vector, vectors)];
  }

  /** Number of physically contiguous chunks to map. */
  public int chunks() {
    return chunks;
  }

  /** First I/O virtual address of chunk {@code chunk}. */
  public long chunkIova(int chunk) {
    return chunkIova[within(chunk, chunks)];
  }

  /** First physical address of chunk {@code chunk}. */
  public long chunkPhys(int chunk) {
    return chunkPhys[within(chunk, chunks)];
  }

  /** Bytes of chunk {@code chunk}, a multiple of the granule. */
  public long chunkLength(int chunk) {
    return chunkLength[within(chunk, chunks)];
  }

  /** {@code __finalise_sg}: appends a segment to the vector before where that is allowed. */
  private void concatenate(long iova) {
    vectors = 0;
    long current = 0;
    long at = iova;
    for (int i = 0; i < segments; i++) {
      boolean append =
          current != 0
              && offset[i] == 0
              && (at & segBoundaryMask) != 0
              && (maxSegSize - current & U32) >= length[i];
      if (append) {
        current = current + length[i] & U32;
      } else {
        current = length[i];
        vectorAddress[vectors] = at + offset[i];
        vectors++;
      }
      vectorLength[vectors - 1] = current;
      at += padded[i];
      if (length[i] + offset[i] < padded[i]) {
        current = 0;
      }
    }
  }

  /** {@code iommu_map_sg}: one chunk for segments that follow each other physically. */
  private void coalesce(long iova) {
    chunks = 0;
    long mapped = 0;
    long start = 0;
    long contiguous = 0;
    for (int i = 0; i <= segments; i++) {
      boolean last = i == segments;
      if (contiguous != 0 && (last || base[i] != start + contiguous)) {
        chunkIova[chunks] = iova + mapped;
        chunkPhys[chunks] = start;
        chunkLength[chunks] = contiguous;
        chunks++;
        mapped += contiguous;
        contiguous = 0;
      }
      if (!last) {
        if (contiguous == 0) {
          start = base[i];
        }
        contiguous += padded[i];
      }
    }
  }

  private static void requireLimits(long boundaryMask, long maxSize) {
    if (boundaryMask < 0 || (boundaryMask & boundaryMask + 1) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "the segment boundary mask is a power of two less one, not 0x%x", boundaryMask));
    }
    if (maxSize < 1 || maxSize > U32) {
      throw new IllegalArgumentException(
          "the largest segment is 1 to 4294967295 bytes long, not " + maxSize);
    }
  }

  private void requireU32(int segment) {
    if (padded[segment] > U32) {
      throw new IllegalArgumentException(
          "segment " + segment + " needs " + padded[segment] + " bytes, more than 32 bits hold");
    }
  }

  private void ensureSegments(int count) {
    if (count <= base.length) {
      return;
    }
    int capacity = Math.max(count, base.length * 2);
    base = new long[capacity];
    offset = new long[capacity];
    length = new long[capacity];
    padded = new long[capacity];
    vectorAddress = Arrays.copyOf(vectorAddress, capacity);
    vectorLength = Arrays.copyOf(vectorLength, capacity);
    chunkIova = Arrays.copyOf(chunkIova, capacity);
    chunkPhys = Arrays.copyOf(chunkPhys, capacity);
    chunkLength = Arrays.copyOf(chunkLength, capacity);
  }

  private static int within(int index, int count) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index + " of " + count);
    }
    return index;
  }
}
