package dev.mapstorm.actors.model.iova;

import dev.mapstorm.protocol.Limits;

/**
 * The IOVA allocator of one IOMMU domain, exactly as Linux 6.12 ({@code struct iova_domain} of
 * {@code drivers/iommu/iova.c}): the same calls in the same order give the same frames, from the
 * same place, after the same walk.
 *
 * <p>Everything is in granules: a size is a number of granules and a pfn the number of a granule,
 * so an address shifted down by the granule. Limits are inclusive, as in {@code alloc_iova_fast}.
 * Frame 0 is never given out and means "none".
 *
 * <p>The whole operations ({@link #allocForDevice}, {@link #allocFast}, {@link #freeFast}, {@link
 * #flushCaches}) are made of the steps below them ({@link #rcacheGet}, {@link #allocTree}, {@link
 * #rcachePut}, {@link #freeTree}, {@link #flushCpu}, {@link #flushDepot}, {@link #depotWork}). A
 * simulator that charges each lock on its own calls the steps at the instants at which it holds
 * them; {@link #lastPath}, {@link #lastWalk}, {@link #lastTookDepotLock} and {@link
 * #lastFreedToTree} then tell what the step, or the whole operation, did.
 *
 * <p>Not thread-safe, knows no time, and allocates only while its arrays grow. A CPU is online from
 * the start; CPU hot-unplug is {@link #flushCpu}.
 */
public final class IovaDomain {
  /** Granule of 4 KiB, as a shift. */
  public static final int GRANULE_4K_SHIFT = 12;

  private static final int MAX_GRANULE_SHIFT = 31;

  private final int cpus;
  private final long startPfn;
  private final long last32BitPfn;
  private final int orders;
  private final long roundedBelow;
  private final IovaTree tree;
  private final IovaRcaches rcaches;

  private IovaPath lastPath = IovaPath.NONE;
  private int lastWalk;
  private boolean lastTookDepotLock;
  private int lastFreedToTree;
  private boolean lastLeft32Bit;
  private int reservations;

  /** Shown each range of the tree. */
  @FunctionalInterface
  public interface RangeVisitor {
    /** A range from {@code pfnLo} to {@code pfnHi}, both included. */
    void range(long pfnLo, long pfnHi);
  }

  /** Shown each cached range. */
  @FunctionalInterface
  public interface CachedVisitor {
    /** The {@code cpu} of a range in the depot. */
    int IN_DEPOT = -1;

    /** The range of {@code 1 << order} granules at {@code pfn}, cached by {@code cpu}. */
    void cached(int cpu, int order, long pfn);
  }

  /**
   * An empty domain with 4 KiB granules that gives out frames from 1, with the constants of Linux.
   *
   * @param cpus number of CPUs, 1 to {@link Limits#CPUS}
   */
  public IovaDomain(int cpus) {
    this(cpus, GRANULE_4K_SHIFT, 1, IovaParameters.LINUX);
  }

  /**
   * An empty domain ({@code init_iova_domain}, {@code iova_domain_init_rcaches}).
   *
   * @param cpus number of CPUs, all online, 1 to {@link Limits#CPUS}
   * @param granuleShift log2 of the bytes of a granule, 0 to 31
   * @param startPfn lowest frame to give out, at least 1; Linux takes the larger of 1 and the start
   *     of the aperture
   * @param parameters sizes of the caches
   * @throws IllegalArgumentException naming the argument that is out of range
   */
  public IovaDomain(int cpus, int granuleShift, long startPfn, IovaParameters parameters) {
    if (cpus < 1 || cpus > Limits.CPUS) {
      throw new IllegalArgumentException("number of CPUs " + cpus + " is not in 1.." + Limits.CPUS);
    }
    if (granuleShift < 0 || granuleShift > MAX_GRANULE_SHIFT) {
      throw new IllegalArgumentException("granule shift " + granuleShift + " is not in 0..31");
    }
    if (startPfn < 1) {
      throw new IllegalArgumentException("start pfn " + startPfn + " is below 1");
    }
    this.cpus = cpus;
    this.startPfn = startPfn;
    long dma32Pfn = 1L << (Integer.SIZE - granuleShift);
    last32BitPfn = dma32Pfn - 1;
    orders = parameters.orders();
    roundedBelow = orders == 0 ? 0 : 1L << parameters.maxCachedOrder();
    tree = new IovaTree(startPfn, dma32Pfn, parameters.search());
    rcaches = new IovaRcaches(cpus, parameters);
  }

  private IovaDomain(IovaDomain other) {
    cpus = other.cpus;
    startPfn = other.startPfn;
    last32BitPfn = other.last32BitPfn;
    orders = other.orders;
    roundedBelow = other.roundedBelow;
    tree = new IovaTree(other.tree);
    rcaches = new IovaRcaches(other.rcaches);
    lastPath = other.lastPath;
    lastWalk = other.lastWalk;
    lastTookDepotLock = other.lastTookDepotLock;
    lastFreedToTree = other.lastFreedToTree;
    lastLeft32Bit = other.lastLeft32Bit;
    reservations = other.reservations;
  }

  /** A domain in the same state, which what is done to this one no longer reaches. */
  public IovaDomain copy() {
    return new IovaDomain(this);
  }

  // Whole operations.

  /**
   * {@code iommu_dma_alloc_iova}: a range for a device. If its limit lies above 4 GiB and it still
   * has the 32-bit workaround, 32-bit space is tried first, without flushing the caches; the first
   * failure clears the workaround of that device for good ({@link #lastLeft32Bit}). Then the whole
   * space below the limit is tried, with flushing.
   *
   * @param cpu that runs the call
   * @param size granules as asked, at least 1
   * @param limitPfn highest frame the device can address
   * @param device in {@code workaround}
   * @param workaround the flags of all devices
   * @return first frame, or 0 if there is no such range
   * @throws IllegalArgumentException for a CPU, size, limit or device that cannot be
   */
  public long allocForDevice(
      int cpu, long size, long limitPfn, int device, Pci32Workaround workaround) {
    if (limitPfn > last32BitPfn && workaround.isActive(device)) {
      long pfn = allocFast(cpu, size, last32BitPfn, false);
      if (pfn != 0) {
        return pfn;
      }
      workaround.set(device, false);
      pfn = allocFast(cpu, size, limitPfn, true);
      lastLeft32Bit = true;
      return pfn;
    }
    return allocFast(cpu, size, limitPfn, true);
  }

  /**
   * {@code alloc_iova_fast}: a range from the caches of the CPU, else from the tree, else, if
   * {@code flushRcache}, from the tree after all caches were flushed into it. {@link #lastWalk} is
   * that of the last search of the tree.
   *
   * @param cpu that runs the call
   * @param size granules as asked, at least 1; {@link #roundSize} is applied
   * @param limitPfn highest frame to use, at least 0
   * @param flushRcache whether to flush the caches rather than fail
   * @return first frame, or 0 if there is no such range
   * @throws IllegalArgumentException for a CPU, size or limit that cannot be
   */
  public long allocFast(int cpu, long size, long limitPfn, boolean flushRcache) {
    long rounded = roundSize(size);
    long pfn = rcacheGet(cpu, rounded, limitPfn);
    if (pfn != 0) {
      return pfn;
    }
    boolean tookDepotLock = lastTookDepotLock;
    pfn = allocTree(rounded, limitPfn);
    if (pfn == 0 && flushRcache) {
      int freed = flushCaches();
      pfn = allocTree(rounded, limitPfn);
      lastPath = pfn == 0 ? IovaPath.NONE : IovaPath.FLUSHED_TREE;
      lastFreedToTree = freed;
    }
    lastTookDepotLock = tookDepotLock;
    return pfn;
  }

  /**
   * What {@link #allocFast} without flushing the caches would answer. Changes nothing, not even
   * what the last operation did.
   *
   * @param cpu that would run the call
   * @param size granules as asked, at least 1
   * @param limitPfn highest frame to use, at least 0
   * @return first frame, or 0 if there is no such range
   * @throws IllegalArgumentException for a CPU, size or limit that cannot be
   */
  public long peekFast(int cpu, long size, long limitPfn) {
    checkCpu(cpu);
    checkLimit(limitPfn);
    long rounded = roundSize(size);
    int order = order(rounded);
    long pfn = order < orders ? rcaches.peek(cpu, order, limitPfn + 1 - rounded) : 0;
    return pfn != 0 ? pfn : tree.peek(rounded, limitPfn + 1);
  }

  /** What {@link #allocTree} would answer, without taking it. */
  public long peekTree(long size, long limitPfn) {
    checkLimit(limitPfn);
    return tree.peek(roundSize(size), limitPfn + 1);
  }

  /**
   * {@code free_iova_fast}: gives a range to the caches of the CPU, or to the tree if its size is
   * not cached.
   *
   * <p>Like Linux this does not notice that a cached range is freed again or with another size than
   * it was allocated with: a range freed twice is in the caches twice, and will be given out twice.
   *
   * @param cpu that runs the call, not necessarily the one that allocated
   * @param pfn first frame
   * @param size granules as asked when allocating
   * @return whether a range was freed; {@code false} if the size is not cached and no range holds
   *     {@code pfn}, which Linux ignores in silence
   * @throws IllegalArgumentException for a CPU or size that cannot be, or if the size is cached and
   *     no range begins at {@code pfn}: Linux would cache and later give out a frame that was never
   *     allocated
   */
  public boolean freeFast(int cpu, long pfn, long size) {
    return rcachePut(cpu, pfn, size) || freeTree(pfn);
  }

  /**
   * Gives all cached ranges back to the tree: {@code free_cpu_cached_iovas} for each CPU, then
   * {@code free_global_cached_iovas}.
   *
   * @return how many ranges
   */
  public int flushCaches() {
    int freed = 0;
    for (int cpu = 0; cpu < cpus; cpu++) {
      freed += rcaches.flushCpu(cpu, tree);
    }
    for (int order = 0; order < orders; order++) {
      freed += rcaches.flushDepot(order, tree);
    }
    return flushed(freed, true);
  }

  // Steps.

  /**
   * The size that is really allocated for a size asked: rounded up to a power of two below the
   * largest cached size, so that caches hold only such sizes ({@code alloc_iova_fast}).
   *
   * @throws IllegalArgumentException if {@code size} is below 1
   */
  public long roundSize(long size) {
    checkSize(size);
    return size < roundedBelow ? 1L << order(size) : size;
  }

  /** The cache order of a size, {@code order_base_2}; it may be above {@link #maxCachedOrder}. */
  public static int order(long size) {
    return Long.SIZE - Long.numberOfLeadingZeros(size - 1);
  }

  /**
   * {@code iova_rcache_get}: a cached range, under the lock of the CPU's cache of this order (L2)
   * and, if {@link #lastTookDepotLock}, that of the order's depot (L3) within it.
   *
   * <p>As in Linux a limit below {@code size - 1} wraps around and so limits nothing.
   *
   * @param cpu that runs the call
   * @param size granules, already rounded
   * @param limitPfn highest frame to use
   * @return first frame, or 0 if the size is not cached or the caches have none below the limit
   * @throws IllegalArgumentException for a CPU, size or limit that cannot be
   */
  public long rcacheGet(int cpu, long size, long limitPfn) {
    checkCpu(cpu);
    checkSize(size);
    checkLimit(limitPfn);
    clearLast();
    int order = order(size);
    if (order >= orders) {
      return 0;
    }
    long pfn = rcaches.get(cpu, order, limitPfn + 1 - size);
    lastPath = rcaches.path();
    lastTookDepotLock = rcaches.tookDepotLock();
    return pfn;
  }

  /**
   * {@code alloc_iova}, size-aligned: a range from the tree, under the lock of the tree (L1) for a
   * walk of {@link #lastWalk} nodes.
   *
   * @param size granules, already rounded
   * @param limitPfn highest frame to use
   * @return first frame, aligned to {@code size} rounded up to a power of two, or 0 if there is
   *     none
   * @throws IllegalArgumentException for a size or limit that cannot be
   */
  public long allocTree(long size, long limitPfn) {
    checkSize(size);
    checkLimit(limitPfn);
    clearLast();
    long pfn = tree.alloc(size, limitPfn + 1);
    lastPath = pfn == 0 ? IovaPath.NONE : IovaPath.TREE;
    lastWalk = tree.walk();
    return pfn;
  }

  /**
   * {@code iova_rcache_insert}: caches a range, under the lock of the CPU's cache of this order
   * (L2) and, if {@link #lastTookDepotLock}, that of the order's depot (L3) within it. If the depot
   * has a limit and is full, a magazine of ranges also goes to the tree ({@link #lastFreedToTree})
   * after both locks are released, as in Linux before 6.7.
   *
   * @param cpu that runs the call
   * @param pfn first frame
   * @param size granules as asked when allocating
   * @return whether it was cached; {@code false} if the size is above the cached ones
   * @throws IllegalArgumentException for a CPU or size that cannot be, or if the size is cached and
   *     no range begins at {@code pfn}
   */
  public boolean rcachePut(int cpu, long pfn, long size) {
    checkCpu(cpu);
    checkSize(size);
    clearLast();
    int order = order(size);
    if (order >= orders) {
      return false;
    }
    if (!tree.begins(pfn)) {
      throw new IllegalArgumentException(
          "free of pfn "
              + pfn
              + " ("
              + size
              + " granules) on CPU "
              + cpu
              + ": no range begins there");
    }
    rcaches.put(cpu, order, pfn);
    lastPath = rcaches.path();
    lastTookDepotLock = rcaches.tookDepotLock();
    if (rcaches.overflowed()) {
      lastFreedToTree = rcaches.freeOverflow(tree);
    }
    return true;
  }

  /**
   * {@code free_iova}: removes the range that holds {@code pfn}, whatever its size, from the tree,
   * under its lock (L1).
   *
   * @return whether there was one; Linux ignores it in silence if not
   */
  public boolean freeTree(long pfn) {
    clearLast();
    boolean freed = tree.free(pfn);
    if (freed) {
      lastPath = IovaPath.TREE;
      lastFreedToTree = 1;
    }
    return freed;
  }

  /**
   * {@code free_cpu_cached_iovas}: gives the ranges in the magazines of one CPU back to the tree,
   * order by order, each under its cache's lock (L2) with the tree's (L1) within it.
   *
   * @return how many ranges
   * @throws IllegalArgumentException if there is no such CPU
   */
  public int flushCpu(int cpu) {
    checkCpu(cpu);
    return flushed(rcaches.flushCpu(cpu, tree), false);
  }

  /**
   * One order of {@code free_global_cached_iovas}: gives the ranges in a depot back to the tree,
   * under the depot's lock (L3) with the tree's (L1) within it.
   *
   * @return how many ranges
   * @throws IllegalArgumentException if the order is not cached
   */
  public int flushDepot(int order) {
    checkOrder(order);
    return flushed(rcaches.flushDepot(order, tree), true);
  }

  /**
   * {@code iova_depot_work_func}: one firing of the depot worker of one order. If the depot holds
   * more magazines than it keeps (Linux: the number of online CPUs) it takes one under the depot's
   * lock (L3), releases that, and gives the ranges back to the tree under its lock (L1). Linux
   * fires it 100 ms after a magazine was pushed and again as long as it found something to free.
   *
   * @return how many ranges; 0 if the depot was small enough, and the worker rests
   * @throws IllegalArgumentException if the order is not cached
   */
  public int depotWork(int order) {
    checkOrder(order);
    return flushed(rcaches.depotWork(order, tree), true);
  }

  /**
   * {@code reserve_iova}: keeps a window from being given out (MSI doorbells, PCI bridge windows).
   * Reserve before allocating: like Linux this merges with ranges already given out.
   *
   * @param pfnLo first frame, at least 0
   * @param pfnHi last frame
   * @throws IllegalArgumentException if the window is empty or below 0
   */
  public void reserve(long pfnLo, long pfnHi) {
    if (pfnLo < 0 || pfnHi < pfnLo || pfnHi == Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "reserved window " + pfnLo + ".." + pfnHi + " is no window");
    }
    clearLast();
    int before = tree.ranges();
    tree.reserve(pfnLo, pfnHi);
    reservations += tree.ranges() - before;
  }

  /**
   * Takes a range out of the caches without giving it to anyone; the tree keeps it. Linux never
   * does: it is for a checker that learns from elsewhere that the range is in use.
   *
   * @param pfn first frame
   * @param order of the caches that are searched
   * @return whether a magazine held it
   * @throws IllegalArgumentException if the order is not cached
   */
  public boolean uncache(long pfn, int order) {
    checkOrder(order);
    return rcaches.remove(order, pfn);
  }

  // What the last step or whole operation did.

  /** Where it took its range from, or put it; {@link IovaPath#NONE} if it did neither. */
  public IovaPath lastPath() {
    return lastPath;
  }

  /** Nodes that its last search of the tree stepped over; 0 if there was none. */
  public int lastWalk() {
    return lastWalk;
  }

  /** Whether it took the lock of a depot, apart from flushing the caches. */
  public boolean lastTookDepotLock() {
    return lastTookDepotLock;
  }

  /** How many ranges it gave back to the tree. */
  public int lastFreedToTree() {
    return lastFreedToTree;
  }

  /**
   * Whether the last {@link #allocForDevice} gave up 32-bit space for its device, where Linux logs
   * {@code Using N-bit DMA addresses}.
   */
  public boolean lastLeft32Bit() {
    return lastLeft32Bit;
  }

  // State.

  /** Number of CPUs. */
  public int cpus() {
    return cpus;
  }

  /** Highest frame below 4 GiB. */
  public long last32BitPfn() {
    return last32BitPfn;
  }

  /** Largest cached order, -1 if nothing is cached. */
  public int maxCachedOrder() {
    return orders - 1;
  }

  /** Ranges in the tree: in use, cached and reserved. It is what a walk steps over. */
  public int treeRanges() {
    return tree.ranges();
  }

  /** Ranges made by {@link #reserve}. */
  public int reservedRanges() {
    return reservations;
  }

  /** Ranges in all caches. Takes time proportional to CPUs and orders. */
  public long cachedRanges() {
    return rcaches.cached();
  }

  /**
   * Ranges that a CPU caches of one order.
   *
   * @throws IllegalArgumentException for a CPU or order that cannot be
   */
  public int cachedRanges(int cpu, int order) {
    checkCpu(cpu);
    checkOrder(order);
    return rcaches.cached(cpu, order);
  }

  /**
   * The ranges at the top of the magazine that a CPU has loaded, the next to be given out last.
   *
   * @param most how many at most
   * @throws IllegalArgumentException for a CPU or order that cannot be
   */
  public long[] loaded(int cpu, int order, int most) {
    checkCpu(cpu);
    checkOrder(order);
    return rcaches.loaded(cpu, order, most);
  }

  /**
   * Magazines in the depot of one order.
   *
   * @throws IllegalArgumentException if the order is not cached
   */
  public int depotMagazines(int order) {
    checkOrder(order);
    return rcaches.depotSize(order);
  }

  /**
   * {@code max32_alloc_size}: searches below 4 GiB for this many granules or more fail at once,
   * until something below 4 GiB is freed to the tree.
   */
  public long max32AllocSize() {
    return tree.max32AllocSize();
  }

  /**
   * Whether a range in use, cached or reserved holds {@code pfn} ({@code find_iova}). O(1) for the
   * first frame of a range, else proportional to the ranges above it.
   */
  public boolean contains(long pfn) {
    return tree.contains(pfn);
  }

  /** Last frame of the range that begins at {@code pfn}, or -1 if none begins there. O(1). */
  public long rangeEnd(long pfn) {
    return tree.end(pfn);
  }

  /** Shows every range of the tree, lowest first. */
  public void forEachRange(RangeVisitor visitor) {
    tree.forEach(visitor);
  }

  /** Shows every cached range, in an order that only depends on what was cached. */
  public void forEachCached(CachedVisitor visitor) {
    rcaches.forEach(visitor);
  }

  private int flushed(int ranges, boolean tookDepotLock) {
    clearLast();
    lastFreedToTree = ranges;
    lastTookDepotLock = tookDepotLock;
    lastPath = ranges == 0 ? IovaPath.NONE : IovaPath.TREE;
    return ranges;
  }

  private void clearLast() {
    lastPath = IovaPath.NONE;
    lastWalk = 0;
    lastTookDepotLock = false;
    lastFreedToTree = 0;
    lastLeft32Bit = false;
  }

  private void checkCpu(int cpu) {
    if (cpu < 0 || cpu >= cpus) {
      throw new IllegalArgumentException("CPU " + cpu + " is not in 0.." + (cpus - 1));
    }
  }

  private void checkOrder(int order) {
    if (order < 0 || order >= orders) {
      throw new IllegalArgumentException("order " + order + " is not in 0.." + (orders - 1));
    }
  }

  private static void checkSize(long size) {
    if (size < 1) {
      throw new IllegalArgumentException("size of " + size + " granules is below 1");
    }
  }

  private static void checkLimit(long limitPfn) {
    if (limitPfn < 0 || limitPfn == Long.MAX_VALUE) {
      throw new IllegalArgumentException("limit pfn " + limitPfn + " is no frame");
    }
  }
}
