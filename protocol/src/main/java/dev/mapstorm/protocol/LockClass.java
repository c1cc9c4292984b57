package dev.mapstorm.protocol;

/**
 * The locks that CPUs meet on in Linux 6.12, one constant for each row of the contention table that
 * the simulator models. The order is the code in the journal: append only.
 *
 * <p>An instance number packs what the lock belongs to, so that one {@code int} names a lock within
 * a host.
 */
public enum LockClass {
  /** {@code iova_rbtree_lock}, one a domain (drivers/iommu/iova.c). */
  IOVA_TREE("L1 iova_rbtree_lock", "domain %1$d"),
  /** {@code cpu_rcache->lock}, one a CPU and size order (drivers/iommu/iova.c). */
  CPU_RCACHE("L2 cpu_rcache->lock", "domain %1$d cpu %2$d order %3$d"),
  /** {@code rcache->lock} of the depot, one a size order (drivers/iommu/iova.c). */
  DEPOT("L3 rcache->lock", "domain %1$d order %3$d"),
  /** {@code fq->lock}, one a CPU, or one for the single queue (drivers/iommu/dma-iommu.c). */
  FLUSH_QUEUE("L4 fq->lock", "domain %1$d cpu %2$d"),
  /**
   * {@code domain->cache_lock}, held across the whole invalidation (drivers/iommu/intel/cache.c).
   */
  CACHE_TAG("L5 cache_lock", "domain %1$d"),
  /** {@code qi->q_lock}, one an IOMMU unit (drivers/iommu/intel/dmar.c). */
  INVALIDATION_QUEUE("L6 q_lock", "dmar%1$d"),
  /** {@code domain->lock}, held across the whole flush (drivers/iommu/amd/iommu.c). */
  AMD_DOMAIN("L7 domain->lock", "domain %1$d"),
  /** {@code iommu->lock}, one an IOMMU unit (drivers/iommu/amd/iommu.c). */
  COMMAND_BUFFER("L8 iommu->lock", "ivhd%1$d"),
  /**
   * The word of PROD and CONS that CPUs swap, one a command queue of a unit: no lock, but a cache
   * line that one CPU has at a time (drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c).
   */
  COMMAND_QUEUE("L9 cmdq->q.llq", "smmu3.%1$d queue %2$d"),
  /** {@code viommu->request_lock}, held until all requests are done (virtio-iommu.c). */
  REQUEST_QUEUE("request_lock", "virtio-iommu%1$d"),
  /** {@code area->lock} of bounce buffers, one an area of each pool (kernel/dma/swiotlb.c). */
  SWIOTLB_AREA("L10 area->lock", "domain %1$d pool %3$d area %2$d"),
  /** {@code mapping->lock} of 32-bit Arm, one a domain (arch/arm/mm/dma-mapping.c). */
  ARM_MAPPING("L11 mapping->lock", "domain %1$d"),
  /** {@code pool->lock}, one a pool of a TCE table (arch/powerpc/kernel/iommu.c). */
  TCE_POOL("L12 pool->lock", "domain %1$d pool %3$d");

  private static final LockClass[] ALL = values();

  // From bit 0: four bits of the order, 13 of the CPU, the fifth of the order, ten of the owner,
  // the
  // fourteenth of the CPU.
  private static final int LOW_ORDER_BITS = 4;
  private static final int CPU_BITS = 13;
  private static final int HIGH_ORDER_SHIFT = LOW_ORDER_BITS + CPU_BITS;
  private static final int OWNER_SHIFT = HIGH_ORDER_SHIFT + 1;
  private static final int OWNER_BITS = 10;
  private static final int HIGH_CPU_SHIFT = OWNER_SHIFT + OWNER_BITS;

  private final String label;
  private final String instanceFormat;

  LockClass(String label, String instanceFormat) {
    this.label = label;
    this.instanceFormat = instanceFormat;
  }

  /** Row of the contention table and name of the lock in Linux. */
  public String label() {
    return label;
  }

  /**
   * Packs what a lock belongs to.
   *
   * @param owner domain or IOMMU unit, below {@link Limits#DEVICES}
   * @param cpu below {@link Limits#CPUS}; 0 where the lock has no CPU
   * @param order size order, up to {@link Limits#CACHED_ORDER}; 0 where the lock has none
   * @throws IllegalArgumentException if a number is out of range, so that no two locks are one
   */
  public static int instance(int owner, int cpu, int order) {
    if (owner < 0 || owner >= Limits.DEVICES) {
      throw new IllegalArgumentException(
          "a lock's owner must be 0 to %d, is %d".formatted(Limits.DEVICES - 1, owner));
    }
    if (cpu < 0 || cpu >= Limits.CPUS) {
      throw new IllegalArgumentException(
          "a lock's CPU must be 0 to %d, is %d".formatted(Limits.CPUS - 1, cpu));
    }
    if (order < 0 || order > Limits.CACHED_ORDER) {
      throw new IllegalArgumentException(
          "a lock's order must be 0 to %d, is %d".formatted(Limits.CACHED_ORDER, order));
    }
    int low = order & (1 << LOW_ORDER_BITS) - 1;
    int high = order >>> LOW_ORDER_BITS;
    int highCpu = cpu >>> CPU_BITS;
    int lowCpu = cpu & (1 << CPU_BITS) - 1;
    return highCpu << HIGH_CPU_SHIFT
        | owner << OWNER_SHIFT
        | high << HIGH_ORDER_SHIFT
        | lowCpu << LOW_ORDER_BITS
        | low;
  }

  /** The domain or IOMMU unit of an {@linkplain #instance instance}. */
  public static int owner(int instance) {
    return instance >>> OWNER_SHIFT & (1 << OWNER_BITS) - 1;
  }

  /** Whether it belongs to an IOMMU unit; else to a domain. */
  public boolean ofUnit() {
    return inInvalidation() || this == REQUEST_QUEUE;
  }

  /** Whether it is waited for between the posting of an invalidation and its completion. */
  public boolean inInvalidation() {
    return this == INVALIDATION_QUEUE || this == COMMAND_BUFFER || this == COMMAND_QUEUE;
  }

  /**
   * Whether its sections end with an event, so that a wait is told when it is over; {@link
   * #FLUSH_QUEUE} has sections of both kinds, and is none.
   */
  public boolean toldWhenOver() {
    return this == CACHE_TAG || this == AMD_DOMAIN || this == REQUEST_QUEUE;
  }

  /** The instance in words, such as {@code domain 0 cpu 3 order 1}. */
  public String describe(int instance) {
    int lowCpu = instance >>> LOW_ORDER_BITS & (1 << CPU_BITS) - 1;
    int cpu = instance >>> HIGH_CPU_SHIFT << CPU_BITS | lowCpu;
    int high = instance >>> HIGH_ORDER_SHIFT & 1;
    int order = high << LOW_ORDER_BITS | instance & (1 << LOW_ORDER_BITS) - 1;
    return instanceFormat.formatted(owner(instance), cpu, order);
  }

  /** The constant with this {@link #ordinal()}. */
  public static LockClass of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no LockClass has code " + code);
    }
    return ALL[code];
  }
}
