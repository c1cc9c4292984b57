package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaParameters;

/**
 * What differs between kernels in how they allocate IOVAs.
 *
 * @param iova sizes of the caches
 * @param retries32Bit whether each allocation of a PCI device tries 32-bit space first, also after
 *     it was found full: Linux before 6.5
 * @param roundsAll whether ranges of any size are rounded up to a power of two: the VT-d driver's
 *     own DMA operations, Linux up to 5.11
 * @param forcedac whether no device tries 32-bit space first ({@code iommu.forcedac})
 */
record KernelRules(IovaParameters iova, boolean retries32Bit, boolean roundsAll, boolean forcedac) {
  private static final int DEPOT_LIMIT = 32;
  private static final int OLD_MAGAZINE = 128;

  /** The rules of a version: 5.10 is {@code major} 5 and {@code minor} 10. */
  static KernelRules of(int major, int minor) {
    int version = major * 1000 + minor;
    IovaParameters linux = IovaParameters.LINUX;
    return new KernelRules(
        new IovaParameters(
            version < 6001 ? OLD_MAGAZINE : linux.magazineSize(),
            linux.maxCachedOrder(),
            version < 6007 ? DEPOT_LIMIT : linux.depotLimit(),
            linux.depotKeep()),
        version < 6005,
        version < 5012,
        false);
  }

  /** These with other cache sizes. */
  KernelRules with(IovaParameters other) {
    return new KernelRules(other, retries32Bit, roundsAll, forcedac);
  }

  /** These with {@code iommu.forcedac} or without. */
  KernelRules with(boolean forced) {
    return new KernelRules(iova, retries32Bit, roundsAll, forced);
  }
}
