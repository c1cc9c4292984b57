package dev.mapstorm.actors.model.swiotlb;

import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.Direction;
import java.util.ArrayList;
import java.util.List;

/**
 * The bounce buffers of a machine, or of the devices of a restricted pool ({@code struct
 * io_tlb_mem}).
 *
 * <p>CPUs begin in areas of their own and go on to the next round-robin. With {@code
 * CONFIG_SWIOTLB_DYNAMIC} a search that finds nothing makes a transient pool for the one bounce at
 * once and asks a worker to add a pool; pools are searched newest first. What the page allocator
 * answers, the caller says.
 *
 * <p>Not thread-safe.
 */
public final class Swiotlb {
  private static final int PAGE_BYTES = 4096;

  /** Oldest first; the first is the default pool. Transient pools are not listed. */
  private final List<IoTlbPool> pools = new ArrayList<>();

  private final PoolSize size;
  private final boolean forced;
  private final boolean dynamic;
  private final boolean grows;
  private final SearchLog log = new SearchLog();
  private int made;
  private int used;
  private int passingSlots;

  /**
   * Free bounce buffers.
   *
   * @param start physical address of the first slot
   * @param size of the default pool
   * @param forced {@code force_bounce}: every mapping bounces ({@code swiotlb=force}, confidential
   *     guests, restricted pools)
   * @param dynamic a kernel with {@code CONFIG_SWIOTLB_DYNAMIC}
   * @param grows {@code can_grow}: makes pools when it has no slots
   */
  public Swiotlb(long start, PoolSize size, boolean forced, boolean dynamic, boolean grows) {
    this.size = size;
    this.forced = forced;
    this.dynamic = dynamic;
    this.grows = grows;
    pools.add(new IoTlbPool(made++, start, size, false));
  }

  /** The same where pools are made if the kernel can make them. */
  public Swiotlb(long start, PoolSize size, boolean forced, boolean dynamic) {
    this(start, size, forced, dynamic, dynamic);
  }

  /** Whether it makes pools when it has no slots. */
  public boolean grows() {
    return grows;
  }

  /** {@code io_tlb_used}: slots taken in all pools, pad slots and transient pools included. */
  public int used() {
    return used;
  }

  /** {@code io_tlb_transient_nslabs}: slots of the transient pools. */
  public int transientSlots() {
    return passingSlots;
  }

  /** The place of a pool among these, -1 for a transient one. */
  public int place(IoTlbPool pool) {
    return pools.indexOf(pool);
  }

  /** What the last search did. */
  public SearchLog search() {
    return log;
  }

  /** Whether a mapping of the device bounces, by {@code dma_direct_map_page}. */
  public boolean bounces(SwiotlbDevice device, long phys, long bytes) {
    return forced || !device.reaches(phys, bytes);
  }

  /**
   * {@code dma_direct_map_page} and {@code swiotlb_map}: maps a buffer, bounced if it must be.
   *
   * @param cpu that maps
   * @param bytes from 1 up
   * @param offer what the page allocator gives if it is asked for a transient pool; 0: nothing
   * @param bounce filled in if the result is {@link BounceResult#BOUNCED}, {@link
   *     BounceResult#TRANSIENT} or {@link BounceResult#UNREACHABLE}. In the last case the slots are
   *     free again, but the copy in was made
   */
  public BounceResult mapDirect(
      int cpu, SwiotlbDevice device, long phys, long bytes, long offer, BounceBuffer bounce) {
    if (!bounces(device, phys, bytes)) {
      log.clear();
      return BounceResult.DIRECT;
    }
    BounceResult result = map(cpu, device, phys, bytes, 0, offer, bounce);
    if (result.tookSlots() && !device.reaches(bounce.address(), bytes)) {
      release(bounce);
      return BounceResult.UNREACHABLE;
    }
    return result;
  }

  /**
   * {@code swiotlb_tbl_map_single}: bounces a buffer.
   *
   * @param allocAlignMask 0 for dma-direct, the granule less one for dma-iommu
   * @return {@link BounceResult#BOUNCED}, {@link BounceResult#TRANSIENT}, or why there are no slots
   */
  public BounceResult map(
      int cpu,
      SwiotlbDevice device,
      long phys,
      long bytes,
      long allocAlignMask,
      long offer,
      BounceBuffer bounce) {
    long offset = device.alignOffset(allocAlignMask, phys);
    long allocation = bytes + offset + allocAlignMask & ~allocAlignMask;
    return take(cpu, device, phys, offset, allocation, allocAlignMask, offer, bounce);
  }

  /**
   * {@code swiotlb_alloc}: coherent memory, aligned to the power of two pages that hold it.
   *
   * @return {@link BounceResult#BOUNCED}, or why there are no slots
   */
  public BounceResult alloc(
      int cpu, SwiotlbDevice device, long bytes, long offer, BounceBuffer memory) {
    long pages = Math.max(1, (bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    long block = pages == 1 ? 1 : Long.highestOneBit(pages - 1) << 1;
    return take(cpu, device, 0, 0, bytes, block * PAGE_BYTES - 1, offer, memory);
  }

  /** {@code swiotlb_find_slots}. */
  private BounceResult take(
      int cpu,
      SwiotlbDevice device,
      long phys,
      long offset,
      long bytes,
      long alignMask,
      long offer,
      BounceBuffer into) {
    log.clear();
    if (dynamic && bytes > IoTlbPool.GROUP_BYTES) {
      return BounceResult.OVERSIZE;
    }
    for (int k = 0; k < size.areas(); k++) {
      for (int i = pools.size() - 1; i >= 0; i--) {
        IoTlbPool pool = pools.get(i);
        if (k < pool.areas()) {
          int area = cpu + k & pool.areas() - 1;
          int slot = search(pool, area, device, phys, bytes, alignMask);
          if (slot >= 0) {
            used(pool, slot, phys, offset, bytes, into);
            return BounceResult.BOUNCED;
          }
        }
      }
    }
    if (grows && takeTransient(device, phys, offset, bytes, alignMask, offer, into)) {
      return BounceResult.TRANSIENT;
    }
    return whyFull(device, phys, bytes, alignMask);
  }

  private int search(
      IoTlbPool pool, int area, SwiotlbDevice device, long phys, long bytes, long alignMask) {
    int slot = pool.take(device, area, phys, bytes, alignMask);
    log.add(pool, area, pool.checked());
    return slot;
  }

  private void used(
      IoTlbPool pool, int slot, long phys, long offset, long bytes, BounceBuffer into) {
    into.begin(pool, slot, phys, offset, bytes);
    used += into.slots();
  }

  /** A pool of exactly the slots asked for, in memory that the page allocator gives at once. */
  private boolean takeTransient(
      SwiotlbDevice device,
      long phys,
      long offset,
      long bytes,
      long alignMask,
      long offer,
      BounceBuffer into) {
    int slots = (int) IoTlbPool.slotsOf(bytes);
    if (offer == 0 || !device.reaches(offer, (long) slots << IoTlbPool.SLOT_SHIFT)) {
      return false;
    }
    IoTlbPool pool = new IoTlbPool(made, offer, slots, 1, true);
    int slot = search(pool, 0, device, phys, bytes, alignMask);
    if (slot < 0) {
      return false;
    }
    made++;
    passingSlots += slots;
    used(pool, slot, phys, offset, bytes, into);
    return true;
  }

  /**
   * Why a search found nothing, where Linux says "swiotlb buffer is full" to all: it would find
   * nothing in the same pools with every slot free; or no area has so many free slots; or they do
   * not lie together.
   */
  private BounceResult whyFull(SwiotlbDevice device, long phys, long bytes, long alignMask) {
    boolean enough = false;
    boolean hopeless = true;
    for (int i = 0; i < pools.size(); i++) {
      IoTlbPool pool = pools.get(i);
      for (int area = 0; area < pool.areas(); area++) {
        enough |= pool.hasFree(area, IoTlbPool.slotsOf(bytes));
        hopeless = hopeless && pool.isHopeless(device, area, phys, bytes, alignMask);
      }
    }
    if (hopeless) {
      return BounceResult.OVERSIZE;
    }
    return enough ? BounceResult.FRAGMENTED : BounceResult.EXHAUSTED;
  }

  /**
   * Takes the slots of the first pool that another has taken there, such as a kernel that is
   * repeated, and searches the area from behind them next.
   *
   * @param phys the buffer, or any address with the same low bits
   * @param bytes of it
   * @param address what the device uses
   * @param bounce filled in if the answer is true
   * @return whether these slots are of the pool and were free
   */
  public boolean adopt(
      SwiotlbDevice device, long phys, long bytes, long address, BounceBuffer bounce) {
    IoTlbPool pool = pools.get(0);
    long offset = device.alignOffset(0, phys);
    long first = address - offset - pool.start();
    long slots = IoTlbPool.slotsOf(bytes + offset);
    if (first < 0
        || first % IoTlbPool.SLOT_BYTES != 0
        || (first >>> IoTlbPool.SLOT_SHIFT) + slots > pool.slots()) {
      return false;
    }
    int slot = (int) (first >>> IoTlbPool.SLOT_SHIFT);
    if (!pool.adopt(slot, (int) slots)) {
      return false;
    }
    used(pool, slot, phys, offset, bytes + offset, bounce);
    return true;
  }

  /**
   * Where the next search of each area of the first pool starts, in slots from the area's first.
   */
  public int[] searchStarts() {
    return pools.get(0).searchStarts();
  }

  /** Sets what {@link #searchStarts} answered before. */
  public void searchFrom(int[] starts) {
    pools.get(0).searchFrom(starts);
  }

  /**
   * {@code swiotlb_release_slots}, {@code swiotlb_del_transient}: gives slots back, whatever length
   * the caller names.
   */
  public void release(BounceBuffer bounce) {
    IoTlbPool pool = bounce.pool();
    pool.release(bounce.slot(), bounce.slots());
    used -= bounce.slots();
    if (pool.isTransient()) {
      passingSlots -= pool.slots();
    }
  }

  /**
   * {@code swiotlb_dyn_alloc}: the worker adds a pool, which stays.
   *
   * @param largestBlock bytes that the page allocator gives at most
   * @param offer where; 0: nowhere
   * @return the pool, or null if there is no memory for one
   */
  public IoTlbPool grow(long largestBlock, long offer) {
    PoolSize grown = offer == 0 ? null : size.grown(largestBlock);
    if (grown == null) {
      return null;
    }
    IoTlbPool pool = new IoTlbPool(made++, offer, grown, false);
    pools.add(pool);
    return pool;
  }

  /** Whether a sync for the CPU, or an unmapping without skipped sync, copies back. */
  public static boolean copiesForCpu(Direction direction) {
    return direction != Direction.TO_DEVICE;
  }

  /** Whether a sync for the device copies. A mapping copies whatever the direction. */
  public static boolean copiesForDevice(Direction direction) {
    return direction != Direction.FROM_DEVICE;
  }
}
