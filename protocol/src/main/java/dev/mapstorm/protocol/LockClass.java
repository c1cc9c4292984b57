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
  INVALIDATION_QUEUE("L6 q_lock", "dmar%1$d");

  private static final LockClass[] ALL = values();
  private static final int ORDER_BITS = 4;
  private static final int CPU_BITS = 14;

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
   * @param owner domain or IOMMU unit, below 8192
   * @param cpu below 16384; 0 where the lock has no CPU
   * @param order size order, below 16; 0 where the lock has none
   */
  public static int instance(int owner, int cpu, int order) {
    return (owner << (CPU_BITS + ORDER_BITS)) | (cpu << ORDER_BITS) | order;
  }

  /** The domain or IOMMU unit of an {@linkplain #instance instance}. */
  public static int owner(int instance) {
    return instance >>> (CPU_BITS + ORDER_BITS);
  }

  /** The instance in words, such as {@code domain 0 cpu 3 order 1}. */
  public String describe(int instance) {
    int cpu = (instance >>> ORDER_BITS) & ((1 << CPU_BITS) - 1);
    int order = instance & ((1 << ORDER_BITS) - 1);
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
