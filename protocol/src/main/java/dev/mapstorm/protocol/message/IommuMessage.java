package dev.mapstorm.protocol.message;

/**
 * What an IOMMU unit hears: translation requests of devices, answers to its walks, invalidations of
 * domains.
 */
public sealed interface IommuMessage extends Message {

  /** A device is about to use {@code vectors} for the request in its {@code slot}. */
  record Translate(int device, int domain, int slot, int client, long op, long[] vectors)
      implements IommuMessage {}

  /**
   * The answer to a walk: page-table {@code reads} that it took, the page shift of each entry
   * found, and the granule of the first entry that is not present, or -1.
   */
  record Walked(int ticket, long reads, byte[] pageShift, long missingPfn)
      implements IommuMessage {}

  /**
   * {@code qi_submit_sync} for one IOTLB descriptor; {@code pages} 0 asks for the whole domain.
   * {@code slot} is where the domain finds its {@code call} again.
   */
  record Invalidate(int domain, int slot, long call, int cpu, long pfn, long pages)
      implements IommuMessage {}

  /** The wait descriptor behind invalidation {@code ticket} was reached. */
  record InvalidationDone(int ticket) implements IommuMessage {}
}
