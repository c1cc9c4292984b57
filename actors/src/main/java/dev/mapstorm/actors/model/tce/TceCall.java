package dev.mapstorm.actors.model.tce;

import java.util.Arrays;

/**
 * A call of the DMA API of powerpc, one step at a time ({@code iommu_map_page}, {@code
 * iommu_unmap_page}, {@code ppc_iommu_map_sg}, {@code ppc_iommu_unmap_sg}, {@code
 * iommu_alloc_coherent}, {@code iommu_free_coherent}).
 *
 * <p>After one of the methods that begin a call, {@link #step} says what Linux does next and {@link
 * #entry}, {@link #count} and {@link #phys} with what; who runs the call does it and says so, until
 * the step is {@link Step#DONE}. The entries of a range are written and cleared outside of all
 * locks; a range is given back before the table is flushed.
 *
 * <p>A list takes a range for each segment. A segment that lies right after the one before in DMA
 * addresses joins its vector, so merging is luck of the allocator. What Linux does not undo, this
 * does not undo either: the entries of a segment that the hypervisor refused stay taken, and so
 * does a whole list whose first segment has length 0, since its first vector is empty and unmapping
 * stops there.
 *
 * <p>Not thread-safe; used again for one call after the other.
 */
public final class TceCall {
  /** What comes next. */
  public enum Step {
    /** Find entries: {@link TceCall#allocate}, under the locks of the pools it turns to. */
    ALLOCATE,
    /** Write {@link #count} entries from {@link #entry}, for memory from {@link #phys}. */
    SET,
    /** Clear {@link #count} entries from {@link #entry}. */
    CLEAR,
    /** Give the entries back: {@link TceCall#release}, under the lock of their pool. */
    RELEASE,
    /** Flush the table, where the platform has to ({@code it_ops->flush}). */
    FLUSH,
    /** Nothing: the call returns. */
    DONE
  }

  /** Answer of a page or coherent memory that could not be mapped ({@code DMA_MAPPING_ERROR}). */
  public static final long FAILED = -1;

  /** Longest buffer whose entries one call can take. */
  public static final long MAX_BYTES = (1L << 43) - 1;

  private static final int MAX_ORDER = 13;
  private static final long U32 = 0xffff_ffffL;

  /** To take back, the device is of no matter. */
  private static final DeviceReach ANY = new DeviceReach(-1, DeviceReach.NO_BOUNDARY, U32);

  private enum Purpose {
    MAP,
    MAP_LIST,
    UNMAP
  }

  private IommuTable table;

  /** Of the device, see {@link DeviceReach}. */
  private long mask;

  private long segBoundaryMask;
  private long maxSegSize;
  private Purpose purpose = Purpose.MAP;
  private Step step = Step.DONE;
  private boolean failed;

  private long[] segPhys = new long[16];
  private long[] segLength = new long[16];
  private int segments;
  private int segment;

  private long[] vectors = new long[16];
  private int words;
  private boolean opened;
  private long handle;
  private long expected;

  /** The range in hand, from the table's start. */
  private long first;

  private long count;
  private long phys;
  private int alignOrder;

  /** Of the vectors that are taken back: the one in hand, and how many there are. */
  private int removing;

  private int toRemove;

  private void begin(Purpose what, IommuTable of, DeviceReach by) {
    purpose = what;
    table = of;
    mask = by.mask();
    segBoundaryMask = by.segBoundaryMask();
    maxSegSize = by.maxSegSize();
    failed = false;
    words = 0;
    segments = 0;
    segment = 0;
    opened = false;
    handle = 0;
    expected = 0;
  }

  private int shift() {
    return table.tceShift();
  }

  private long inEntry(long address) {
    return address & (1L << shift()) - 1;
  }

  /** {@code iommu_num_pages}. */
  private long entries(long address, long bytes) {
    return inEntry(address) + bytes + (1L << shift()) - 1 >>> shift();
  }

  private boolean startsPage(long address) {
    return (address & (1L << table.pageShift()) - 1) == 0;
  }

  /** A page-aligned buffer of a page and more begins at a system page of the table. */
  private int pageOrder(long address, long bytes) {
    int pageShift = table.pageShift();
    return shift() < pageShift && bytes >= 1L << pageShift && startsPage(address)
        ? pageShift - shift()
        : 0;
  }

  /** Begins {@code iommu_map_page} of {@code bytes} at physical address {@code address}. */
  public void mapPage(IommuTable of, DeviceReach by, long address, long bytes) {
    begin(Purpose.MAP, of, by);
    addVector(0, bytes);
    seek(address, entries(address, bytes), pageOrder(address, bytes));
  }

  /**
   * Begins {@code iommu_alloc_coherent}.
   *
   * @param address what the page allocator gave, at a system page
   * @param bytes rounded up to whole system pages
   */
  public void allocCoherent(IommuTable of, DeviceReach by, long address, long bytes) {
    begin(Purpose.MAP, of, by);
    long size = pageAlign(bytes);
    addVector(0, size);
    if (order(size, of.pageShift()) >= MAX_ORDER) {
      fail();
      return;
    }
    seek(address, entries(0, size), order(size, shift()));
  }

  /**
   * Begins a list; {@link #add} appends segments, {@link #mapSg} begins to map it.
   *
   * @param by the device
   */
  public void beginList(IommuTable of, DeviceReach by) {
    begin(Purpose.MAP_LIST, of, by);
  }

  /** Appends a segment. */
  public void add(long address, long bytes) {
    if (segments == segPhys.length) {
      segPhys = Arrays.copyOf(segPhys, segments * 2);
      segLength = Arrays.copyOf(segLength, segments * 2);
    }
    segPhys[segments] = address;
    segLength[segments] = bytes;
    segments++;
  }

  /** Begins {@code ppc_iommu_map_sg} of the segments added. */
  public void mapSg() {
    nextSegment();
  }

  /** Begins {@code iommu_unmap_page}. */
  public void unmapPage(IommuTable of, long address, long bytes) {
    begin(Purpose.UNMAP, of, ANY);
    addVector(address, bytes);
    unmapVectors();
  }

  /** Begins {@code iommu_free_coherent}. */
  public void freeCoherent(IommuTable of, long address, long bytes) {
    begin(Purpose.UNMAP, of, ANY);
    // The number of entries is that of the size, wherever in its entry the address is.
    addVector(address & -(1L << shift()), pageAlign(bytes));
    unmapVectors();
  }

  /**
   * Begins {@code ppc_iommu_unmap_sg}: vectors are taken back up to the first that is empty.
   *
   * @param pairs the vectors that the mapping gave, as pairs of address and length
   */
  public void unmapSg(IommuTable of, long[] pairs) {
    begin(Purpose.UNMAP, of, ANY);
    for (int i = 0; i < pairs.length && pairs[i + 1] != 0; i += 2) {
      addVector(pairs[i], pairs[i + 1]);
    }
    unmapVectors();
  }

  private void unmapVectors() {
    removing = -1;
    toRemove = words / 2;
    removeNext();
  }

  private long pageAlign(long bytes) {
    long page = 1L << table.pageShift();
    return bytes + page - 1 & -page;
  }

  /** {@code get_order}, {@code get_iommu_order}: log2 of the pages that hold bytes, rounded up. */
  private static int order(long bytes, int pageShift) {
    return 64 - Long.numberOfLeadingZeros(bytes - 1 >>> pageShift);
  }

  private void addVector(long address, long bytes) {
    if (words == vectors.length) {
      vectors = Arrays.copyOf(vectors, words * 2);
    }
    vectors[words++] = address;
    vectors[words++] = bytes;
  }

  /** What comes next. */
  public Step step() {
    return step;
  }

  /** First entry of the step, counted from DMA address 0. */
  public long entry() {
    return first + table.offset();
  }

  /** Entries of the step. */
  public long count() {
    return count;
  }

  /** Physical address that the first entry of a {@link Step#SET} gets. */
  public long phys() {
    return phys & -(1L << shift());
  }

  /** The pool whose lock a {@link Step#RELEASE} takes. */
  public int pool() {
    return table.pool(first);
  }

  /** After the last step: whether it could not map ({@code DMA_MAPPING_ERROR}, {@code -EIO}). */
  public boolean failed() {
    return failed;
  }

  /** After the last step of mapping a page or coherent memory: its address, or {@link #FAILED}. */
  public long address() {
    return failed ? FAILED : vectors[0];
  }

  /** After the last step of a mapping: what the device is told, as pairs of address and length. */
  public long[] vectors() {
    return Arrays.copyOf(vectors, words);
  }

  /**
   * Whether a {@link Step#ALLOCATE} may never end: Linux searches for ever for a range that is
   * longer than the segment boundary.
   */
  public boolean mayHang() {
    return count > (segBoundaryMask >>> shift()) + 1;
  }

  /** Whether the device reaches the window's first entry, which an allocation takes for granted. */
  public boolean reachesWindow() {
    return Long.compareUnsigned(mask >>> shift(), table.offset()) >= 0;
  }

  /** Makes the call fail in place of a {@link Step#ALLOCATE}, as if there were no room. */
  public void refuse() {
    require(Step.ALLOCATE);
    fail();
  }

  /**
   * Does a {@link Step#ALLOCATE}; the table then says what that took.
   *
   * @param preferred the small pool that the CPU prefers
   * @throws IllegalArgumentException as {@link IommuTable#allocate}
   */
  public void allocate(int preferred) {
    require(Step.ALLOCATE);
    long found = table.allocate(count, handle, preferred, mask, segBoundaryMask, alignOrder);
    if (found == IommuTable.FAILED) {
      fail();
      return;
    }
    first = found;
    if (purpose == Purpose.MAP_LIST) {
      handle = found + count;
    }
    step = Step.SET;
  }

  /**
   * The entries are written.
   *
   * @param refused whether the hypervisor refused, so that they are not
   */
  public void set(boolean refused) {
    require(Step.SET);
    if (purpose == Purpose.MAP) {
      vectors[0] = (entry() << shift()) + inEntry(phys);
      failed = refused;
      step = refused ? Step.CLEAR : Step.FLUSH;
    } else if (refused) {
      fail();
    } else {
      place();
      segment++;
      nextSegment();
    }
  }

  /** The entries are cleared. */
  public void cleared() {
    require(Step.CLEAR);
    step = Step.RELEASE;
  }

  /** Does a {@link Step#RELEASE}. */
  public void release() {
    require(Step.RELEASE);
    table.free(first, count);
    if (purpose == Purpose.MAP) {
      step = Step.DONE;
    } else {
      removeNext();
    }
  }

  /** The table is flushed. */
  public void flushed() {
    require(Step.FLUSH);
    step = Step.DONE;
  }

  private void require(Step now) {
    if (step != now) {
      throw new IllegalStateException("the next step is " + step + ", not " + now);
    }
  }

  private void seek(long address, long entries, int order) {
    phys = address;
    count = entries;
    alignOrder = order;
    step = Step.ALLOCATE;
  }

  private void nextSegment() {
    for (; segment < segments; segment++) {
      long address = segPhys[segment];
      long bytes = segLength[segment];
      if (bytes != 0) {
        seek(address, entries(address, bytes), pageOrder(address, bytes));
        return;
      }
      expected = 0;
      if (segment == 0) {
        // The list's first vector is open, and stays empty.
        addVector(0, 0);
        opened = true;
      }
    }
    if (words == 0) {
      addVector(0, 0);
    }
    step = Step.FLUSH;
  }

  /** Puts the segment in hand into the open vector, or opens one. */
  private void place() {
    long address = (entry() << shift()) + inEntry(phys);
    long bytes = segLength[segment];
    boolean merge =
        opened
            && !table.noVmerge()
            && address == expected
            && (vectors[words - 1] + bytes & U32) <= maxSegSize;
    if (merge) {
      vectors[words - 1] += bytes;
    } else {
      addVector(address, bytes);
    }
    opened = true;
    expected = address + bytes;
  }

  /** A list takes back the vectors that it has so far, without a flush. */
  private void fail() {
    failed = true;
    if (purpose == Purpose.MAP) {
      step = Step.DONE;
      return;
    }
    removing = -1;
    toRemove = words / 2;
    removeNext();
  }

  private void removeNext() {
    for (removing++; removing < toRemove; removing++) {
      long address = vectors[2 * removing];
      long bytes = vectors[2 * removing + 1];
      first = (address >>> shift()) - table.offset();
      count = entries(address, bytes);
      if (bytes != 0 && table.holds(first, count)) {
        step = Step.CLEAR;
        return;
      }
    }
    step = failed ? Step.DONE : Step.FLUSH;
  }
}
