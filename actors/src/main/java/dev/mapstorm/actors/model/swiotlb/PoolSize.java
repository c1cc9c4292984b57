package dev.mapstorm.actors.model.swiotlb;

/**
 * Slots and areas of a pool.
 *
 * @param slots of 2 KiB
 * @param areas a power of two; each has a lock and as many slots as the others
 */
public record PoolSize(int slots, int areas) {
  /** {@code IO_TLB_DEFAULT_SIZE}: 64 MiB. */
  public static final int DEFAULT_SLOTS = 64 << 20 >> IoTlbPool.SLOT_SHIFT;

  /** {@code IO_TLB_MIN_SLABS}: 1 MiB. */
  public static final int MIN_SLOTS = 1 << 20 >> IoTlbPool.SLOT_SHIFT;

  /** Most slots of a default pool: 4 GiB of memory. */
  public static final int MAX_SLOTS = 1 << 21;

  /** The largest block of the page allocator, 4 MiB ({@code SLABS_PER_PAGE << MAX_PAGE_ORDER}). */
  private static final int GROWN_SLOTS = 4 << 20 >> IoTlbPool.SLOT_SHIFT;

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if they make no pool
   */
  public PoolSize {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException(
          "the slots of a pool must be 1 to " + MAX_SLOTS + ", are " + slots);
    }
    if (areas < 1 || Integer.bitCount(areas) != 1 || slots % areas != 0) {
      throw new IllegalArgumentException(
          "the areas of a pool must be a power of two that divides its "
              + slots
              + " slots, are "
              + areas);
    }
    if (areas > 1 && slots / areas % IoTlbPool.GROUP_SLOTS != 0) {
      throw new IllegalArgumentException(
          "an area must be whole groups of %d slots, is %d slots"
              .formatted(IoTlbPool.GROUP_SLOTS, slots / areas));
    }
  }

  /**
   * The pool that Linux makes at boot ({@code setup_io_tlb_npages}, {@code swiotlb_adjust_nareas},
   * {@code round_up_default_nslabs}).
   *
   * @param askedSlots of {@code swiotlb=}; 0 if not given, which is 64 MiB
   * @param askedAreas of {@code swiotlb=}; 0 if not given, which is one a CPU
   * @param cpus possible CPUs
   */
  public static PoolSize atBoot(int askedSlots, int askedAreas, int cpus) {
    int slots = askedSlots == 0 ? DEFAULT_SLOTS : roundUp(askedSlots, IoTlbPool.GROUP_SLOTS);
    int areas = roundUpToPowerOfTwo(askedAreas == 0 ? cpus : askedAreas);
    slots = roundUpToPowerOfTwo(Math.max(slots, Math.multiplyExact(areas, IoTlbPool.GROUP_SLOTS)));
    return new PoolSize(slots, areas);
  }

  /**
   * A {@code restricted-dma-pool} of so many bytes: one area ({@code rmem_swiotlb_device_init}).
   */
  public static PoolSize restricted(long bytes) {
    return new PoolSize(Math.toIntExact(bytes >> IoTlbPool.SLOT_SHIFT), 1);
  }

  /**
   * The pool that the worker adds to one of this size ({@code swiotlb_dyn_alloc}, {@code
   * swiotlb_alloc_pool}): as large, at most 4 MiB, halved while the page allocator refuses.
   *
   * @param largestBlock bytes that the page allocator gives at most
   * @return null if not even 1 MiB is to be had
   */
  PoolSize grown(long largestBlock) {
    int grownSlots = slots;
    int grownAreas = areas;
    if (grownSlots > GROWN_SLOTS) {
      grownSlots = GROWN_SLOTS;
      grownAreas = limitAreas(grownAreas, grownSlots);
    }
    while ((long) grownSlots << IoTlbPool.SLOT_SHIFT > largestBlock) {
      if (grownSlots <= MIN_SLOTS) {
        return null;
      }
      grownSlots = roundUp(grownSlots >> 1, IoTlbPool.GROUP_SLOTS);
      grownAreas = limitAreas(grownAreas, grownSlots);
    }
    return new PoolSize(grownSlots, grownAreas);
  }

  /** {@code limit_nareas}. */
  private static int limitAreas(int areas, int slots) {
    return slots < areas * IoTlbPool.GROUP_SLOTS ? slots / IoTlbPool.GROUP_SLOTS : areas;
  }

  private static int roundUp(int count, int multiple) {
    return Math.multiplyExact((count + multiple - 1) / multiple, multiple);
  }

  private static int roundUpToPowerOfTwo(int count) {
    return count <= 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
  }
}
