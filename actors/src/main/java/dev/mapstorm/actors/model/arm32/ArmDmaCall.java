package dev.mapstorm.actors.model.arm32;

import java.util.Arrays;

/**
 * A call of the DMA API of 32-bit Arm, one step at a time ({@code arm_iommu_map_page}, {@code
 * arm_iommu_map_sg} with {@code __map_sg_chunk}, {@code arm_iommu_unmap_page}, {@code
 * arm_iommu_unmap_sg} with {@code __iommu_remove_mapping}).
 *
 * <p>After one of {@link #mapPage}, {@link #mapSg}, {@link #unmapPage} and {@link #unmapSg}, {@link
 * #step} says what Linux does next and {@link #iova}, {@link #phys} and {@link #bytes} with what;
 * who runs the call does it and says so ({@link #allocated}, {@link #mapped}, {@link #unmapped},
 * {@link #released}), until the step is {@link Step#DONE}. So a step may take as long as it likes.
 *
 * <p>A list becomes chunks. A chunk has one range of I/O virtual addresses and is one vector for
 * the device; it ends where a segment does not end at a page, the next one does not begin at one,
 * or the longest segment of the device would be exceeded. Every segment is mapped for itself, also
 * where it continues the memory of the one before.
 *
 * <p>What Linux does not undo, this does not undo either: of a buffer whose offset is a page or
 * more, the pages before it are mapped and stay mapped; address 0 is mapped by {@code map_page} but
 * never unmapped by {@code unmap_page}.
 *
 * <p>All lengths are 32 bits, as in Linux. Not thread-safe; used again for one call after the
 * other.
 */
public final class ArmDmaCall {
  /** {@code -ENOMEM}. */
  public static final int ENOMEM = -12;

  /** {@code -EINVAL}. */
  public static final int EINVAL = -22;

  /** What comes next. */
  public enum Step {
    /** Find {@link #bytes} of I/O virtual addresses: {@link IovaBitmaps#allocate}. */
    ALLOCATE,
    /** {@code iommu_map} of {@link #bytes} at {@link #iova} to {@link #phys}, and its sync. */
    MAP,
    /** {@code iommu_unmap} of {@link #bytes} at {@link #iova}, and its sync. */
    UNMAP,
    /** Give {@link #bytes} at {@link #iova} back: {@link IovaBitmaps#free}. */
    RELEASE,
    /** Nothing: the call returns. */
    DONE
  }

  private static final long U32 = 0xffff_ffffL;
  private static final long PAGE = IovaBitmaps.PAGE;
  private static final long IN_PAGE = PAGE - 1;
  private static final int NONE = -1;

  private long[] page = new long[16];
  private long[] offset = new long[16];
  private long[] length = new long[16];
  private int segments;
  private long maxSegSize;

  private long[] vectors = new long[16];
  private int words;

  private Step step = Step.DONE;
  private boolean list;
  private int error;
  private long iova;
  private long phys;
  private long bytes;

  /** Of the chunk in hand: its first and the next segment to map, its range, its bytes. */
  private int first;

  private int next;
  private int end;
  private long chunkIova;
  private long chunkBytes;
  private long chunkLength;
  private long mappedBytes;

  /** The vector that is taken back, or {@link #NONE}; how many there are to take back. */
  private int removing = NONE;

  private int toRemove;

  /**
   * Begins {@code arm_iommu_map_page}.
   *
   * @param firstPage physical address of the page
   * @param inPage offset from there at which the buffer begins; a page and more is allowed
   * @param size bytes of the buffer
   */
  public void mapPage(long firstPage, long inPage, long size) {
    beginList(U32);
    add(firstPage, inPage, size);
    list = false;
    nextChunk();
  }

  /**
   * Begins a list; {@link #add} appends segments, {@link #mapSg} begins to map it.
   *
   * @param maxSegmentBytes {@code dma_get_max_seg_size} of the device
   */
  public void beginList(long maxSegmentBytes) {
    maxSegSize = maxSegmentBytes;
    segments = 0;
    words = 0;
    error = 0;
    removing = NONE;
    end = 0;
    list = true;
  }

  /** Appends a segment: {@code bytes} at {@code inPage} from the begin of a page. */
  public void add(long firstPage, long inPage, long size) {
    if (segments == page.length) {
      page = Arrays.copyOf(page, segments * 2);
      offset = Arrays.copyOf(offset, segments * 2);
      length = Arrays.copyOf(length, segments * 2);
    }
    page[segments] = firstPage;
    offset[segments] = inPage;
    length[segments] = size;
    segments++;
  }

  /** Begins {@code arm_iommu_map_sg} of the segments added, of which there is at least one. */
  public void mapSg() {
    nextChunk();
  }

  /** Begins {@code arm_iommu_unmap_page}: nothing is done if the address is in page 0. */
  public void unmapPage(long address, long size) {
    beginUnmap();
    if ((address & ~IN_PAGE) != 0) {
      addVector(address, size);
    }
    unmapVectors();
  }

  /**
   * Begins {@code arm_iommu_unmap_sg}.
   *
   * @param pairs the vectors that the mapping gave, as pairs of address and length
   */
  public void unmapSg(long[] pairs) {
    beginUnmap();
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i + 1] != 0) {
        addVector(pairs[i], pairs[i + 1]);
      }
    }
    unmapVectors();
  }

  private void beginUnmap() {
    words = 0;
    error = 0;
    removing = NONE;
  }

  private void unmapVectors() {
    toRemove = words / 2;
    removeNext();
  }

  private void addVector(long address, long size) {
    if (words == vectors.length) {
      vectors = Arrays.copyOf(vectors, words * 2);
    }
    vectors[words++] = address;
    vectors[words++] = size;
  }

  /** What comes next. */
  public Step step() {
    return step;
  }

  /** I/O virtual address of the step, in whole pages. */
  public long iova() {
    return iova;
  }

  /** Physical address of a {@link Step#MAP}. */
  public long phys() {
    return phys;
  }

  /** Bytes of the step, whole pages. */
  public long bytes() {
    return bytes;
  }

  /** After the last step: 0, {@link #ENOMEM} or {@link #EINVAL}. */
  public int error() {
    return error;
  }

  /** After a mapping without error: what the device is told, as pairs of address and length. */
  public long[] vectors() {
    return Arrays.copyOf(vectors, words);
  }

  /** What {@link IovaBitmaps#allocate} answered. */
  public void allocated(long address) {
    require(Step.ALLOCATE);
    if (address == IovaBitmaps.FAILED) {
      fail(ENOMEM);
      return;
    }
    chunkIova = address;
    mappedBytes = 0;
    mapOrFinish();
  }

  /**
   * The {@code iommu_map} is done.
   *
   * @param result 0, or why nothing was mapped: a negative error number
   */
  public void mapped(int result) {
    require(Step.MAP);
    if (result < 0) {
      error = result == ENOMEM ? ENOMEM : EINVAL;
      // A list takes back what the chunk has so far; a page has nothing.
      if (mappedBytes > 0) {
        go(Step.UNMAP, chunkIova, mappedBytes);
      } else {
        go(Step.RELEASE, chunkIova, chunkBytes);
      }
      return;
    }
    mappedBytes += bytes;
    next++;
    mapOrFinish();
  }

  /** The {@code iommu_unmap} is done, and the IOMMU has forgotten the range. */
  public void unmapped() {
    require(Step.UNMAP);
    go(Step.RELEASE, iova, removing == NONE ? chunkBytes : bytes);
  }

  /** The range is given back. */
  public void released() {
    require(Step.RELEASE);
    if (removing == NONE) {
      fail(error);
    } else {
      removeNext();
    }
  }

  private void require(Step expected) {
    if (step != expected) {
      throw new IllegalStateException("the next step is " + step + ", not " + expected);
    }
  }

  private void go(Step to, long address, long size) {
    step = to;
    iova = address;
    bytes = size;
  }

  private void nextChunk() {
    first = end;
    next = first;
    long size = offset[first] + length[first] & U32;
    for (end = first + 1; end < segments; end++) {
      if (offset[end] != 0 || (size & IN_PAGE) != 0 || exceeds(size, length[end])) {
        break;
      }
      size = size + length[end] & U32;
    }
    chunkLength = size;
    chunkBytes = pageAlign(size);
    go(Step.ALLOCATE, 0, chunkBytes);
  }

  private boolean exceeds(long size, long more) {
    return (size + more & U32) > maxSegSize;
  }

  private void mapOrFinish() {
    if (mappedBytes < chunkBytes) {
      phys = page[next];
      go(Step.MAP, chunkIova + mappedBytes, pageAlign(offset[next] + length[next]));
      return;
    }
    addVector(chunkIova + offset[first], chunkLength - offset[first]);
    if (end < segments) {
      nextChunk();
    } else {
      step = Step.DONE;
    }
  }

  /** The chunk in hand is undone; those before it follow, in order. */
  private void fail(int why) {
    error = why;
    toRemove = list ? words / 2 : 0;
    removeNext();
  }

  private void removeNext() {
    removing++;
    if (removing == toRemove) {
      step = Step.DONE;
      return;
    }
    long address = vectors[2 * removing];
    long size = vectors[2 * removing + 1];
    go(Step.UNMAP, address & ~IN_PAGE, pageAlign((address & IN_PAGE) + size));
  }

  private static long pageAlign(long size) {
    return size + IN_PAGE & ~IN_PAGE & U32;
  }
}
