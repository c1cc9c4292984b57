package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;

/**
 * What the driver of IOMMU units does for a domain: {@code struct iommu_domain_ops} of Linux, in
 * virtual time. It has the page table of the domain and the driver's own locks; it gathers what an
 * unmapping has to make the units forget, and tells them. One for each domain, on the domain's
 * actor: it runs on the CPU of the call. Not thread-safe.
 *
 * <p>{@link #map} and {@link #unmap} take time ({@code call.at}) and end within the step. The three
 * that tell units start at the clock's own instant, where {@code call.at} must be, may take any
 * time, and end with {@link Waiter#synced}, perhaps before they return.
 */
public interface DomainOps {

  /** Who makes the calls: the backend of the domain. */
  interface Waiter {
    /** All that {@code call} had its units told is done, at the clock's present instant. */
    void synced(DomainCall call);
  }

  /** Makes the operations of a domain. */
  @FunctionalInterface
  interface Maker {
    /** Operations for {@code waiter} on a page table of this format. */
    DomainOps make(Waiter waiter, PageTableFormat format);
  }

  /** The page table, which the units of the domain walk. */
  PageTable table();

  /**
   * {@code map_pages}: maps whole granules that are physically contiguous.
   *
   * @return whether they are mapped; false leaves nothing of them
   */
  boolean map(DomainCall call, long pfn, long physPfn, long pages, int rights);

  /**
   * {@code unmap_pages}: clears whole granules, all of which are mapped, and notes in the call of
   * what the units have to be told ({@code iommu_iotlb_gather}).
   *
   * @param queued whether a later {@link #flushAll} makes the units forget them ({@code
   *     gather.queued})
   */
  void unmap(DomainCall call, long pfn, long pages, boolean queued);

  /** Whether units have to be told of new entries too, by {@link #syncMap}. */
  boolean syncsMaps();

  /** {@code iotlb_sync_map}: tells the units of the call's ranges, whose entries are new. */
  void syncMap(DomainCall call);

  /** {@code iotlb_sync}: makes the units forget the call's ranges. */
  void sync(DomainCall call);

  /** {@code flush_iotlb_all}: makes the units forget the whole domain. */
  void flushAll(DomainCall call);

  /** A unit has executed an invalidation for the call. */
  void invalidated(DomainCall call);
}
