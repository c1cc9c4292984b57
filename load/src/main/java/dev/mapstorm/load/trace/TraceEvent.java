package dev.mapstorm.load.trace;

import dev.mapstorm.protocol.Direction;
import java.util.Arrays;

/**
 * An event of a kernel trace that concerns DMA mapping, as its {@code TP_printk} gives it.
 * Addresses and sizes are bytes; a range's end is exclusive unless stated. Arrays are not copied
 * and must not be changed.
 *
 * <p>Sources: {@code include/trace/events/{iommu,dma,swiotlb,intel_iommu}.h}, Linux 6.12, with the
 * older and newer forms that the readers of each record name.
 */
public sealed interface TraceEvent {
  /** {@code DMA_MAPPING_ERROR} (include/linux/dma-mapping.h): the address of a failed mapping. */
  long MAPPING_ERROR = -1;

  /**
   * {@code iommu:map}: one physically contiguous piece was written to a page table.
   *
   * @param device the {@code dev=} of a vendor kernel, else empty
   * @param iova first address of the piece, a multiple of the granule
   * @param paddr physical address behind it
   * @param size length, a multiple of the granule
   */
  record IommuMap(String device, long iova, long paddr, long size) implements TraceEvent {}

  /**
   * {@code iommu:unmap}: page-table entries were cleared. Not yet an invalidation.
   *
   * @param device the {@code dev=} of a vendor kernel, else empty
   * @param iova first address
   * @param size length asked for
   * @param unmappedSize length that had been mapped
   */
  record IommuUnmap(String device, long iova, long size, long unmappedSize) implements TraceEvent {}

  /**
   * {@code iommu:io_page_fault}, or a fault of a line of the kernel log (see {@link FaultLine}).
   *
   * @param driver driver of the device, or of the IOMMU
   * @param device the device
   * @param iova address accessed; VT-d prints that of its page
   * @param flags 0 for a read, 1 for a write, {@link #UNKNOWN_ACCESS} where the line does not tell
   * @param timed whether its line has a time of its own; else that of the line before is taken
   */
  record IoPageFault(String driver, String device, long iova, int flags, boolean timed)
      implements TraceEvent {
    /** {@link #flags} of a fault whose line does not tell a read from a write. */
    public static final int UNKNOWN_ACCESS = -1;

    /** The same with a time of its own. */
    IoPageFault atKnownTime() {
      return new IoPageFault(driver, device, iova, flags, true);
    }
  }

  /**
   * {@code iommu:add_device_to_group} or {@code remove_device_from_group}.
   *
   * @param device the device
   * @param group number of its IOMMU group
   * @param added whether it was added
   */
  record DeviceGroup(String device, int group, boolean added) implements TraceEvent {}

  /**
   * {@code iommu:attach_device_to_domain} or {@code detach_device_from_domain}.
   *
   * @param device the device
   * @param attached whether it was attached
   */
  record DomainAttach(String device, boolean attached) implements TraceEvent {}

  /**
   * {@code dma:dma_map_page}, {@code dma_map_phys} or {@code dma_map_resource}, logged after the
   * act; {@code intel_iommu:map_single} of Linux up to 5.11, which has no direction.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param dmaAddress address for the device, with the offset in the page
   * @param size bytes asked for
   * @param paddr physical address
   */
  record DmaMap(String device, Direction direction, long dmaAddress, long size, long paddr)
      implements TraceEvent {
    /** Whether the call failed, so that nothing is mapped. */
    public boolean failed() {
      return dmaAddress == MAPPING_ERROR;
    }
  }

  /**
   * {@code intel_iommu:map_sg} of Linux up to 5.11: one segment of a list, logged after the act.
   *
   * @param device the device
   * @param number which segment, from 1
   * @param of segments of the list
   * @param dmaAddress address for the device
   * @param size bytes
   * @param paddr physical address
   */
  record IntelMapSegment(String device, int number, int of, long dmaAddress, long size, long paddr)
      implements TraceEvent {}

  /**
   * {@code dma:dma_unmap_page}, {@code dma_unmap_phys} or {@code dma_unmap_resource}, logged after
   * the act.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param dmaAddress address that the map had answered
   * @param size bytes
   */
  record DmaUnmap(String device, Direction direction, long dmaAddress, long size)
      implements TraceEvent {}

  /**
   * {@code dma:dma_alloc}, {@code dma_alloc_pages} or {@code dma_alloc_sgt}, logged after the act.
   *
   * @param device the device
   * @param direction direction; {@code BIDIRECTIONAL} where the kernel prints none
   * @param dmaAddress address for the device
   * @param size bytes asked for
   * @param failed whether the call failed, so that nothing is mapped
   */
  record DmaAlloc(String device, Direction direction, long dmaAddress, long size, boolean failed)
      implements TraceEvent {}

  /**
   * {@code dma:dma_free}, {@code dma_free_pages} or {@code dma_free_sgt}, logged before the act.
   *
   * @param device the device
   * @param dmaAddress address that the allocation had answered
   * @param size bytes
   */
  record DmaFree(String device, long dmaAddress, long size) implements TraceEvent {}

  /**
   * {@code dma:dma_map_sg}, logged after the act. The inputs are {@code paddrs}; the outputs,
   * merged or not, are {@code dmaAddresses} with {@code sizes}. From 6.18 the lists stop at 128
   * entries.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param dmaAddresses one address per output, at most {@code outputs}
   * @param sizes bytes of each of these outputs
   * @param paddrs physical start of each input, at most {@code inputs}
   * @param inputs how many inputs the list has
   * @param outputs how many outputs it has
   */
  record DmaMapSg(
      String device,
      Direction direction,
      long[] dmaAddresses,
      long[] sizes,
      long[] paddrs,
      int inputs,
      int outputs)
      implements TraceEvent {

    /** Whether the trace holds only the first entries of the list. */
    public boolean truncated() {
      return paddrs.length < inputs || dmaAddresses.length < outputs;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof DmaMapSg that
          && device.equals(that.device)
          && direction == that.direction
          && Arrays.equals(dmaAddresses, that.dmaAddresses)
          && Arrays.equals(sizes, that.sizes)
          && Arrays.equals(paddrs, that.paddrs)
          && inputs == that.inputs
          && outputs == that.outputs;
    }

    @Override
    public int hashCode() {
      return 31 * device.hashCode() + Arrays.hashCode(paddrs);
    }
  }

  /**
   * {@code dma:dma_map_sg_err}: a list could not be mapped.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param paddrs physical start of each input (the event prints them as {@code dma_addrs})
   * @param error negative errno
   */
  record DmaMapSgError(String device, Direction direction, long[] paddrs, int error)
      implements TraceEvent {

    @Override
    public boolean equals(Object other) {
      return other instanceof DmaMapSgError that
          && device.equals(that.device)
          && direction == that.direction
          && Arrays.equals(paddrs, that.paddrs)
          && error == that.error;
    }

    @Override
    public int hashCode() {
      return 31 * device.hashCode() + Arrays.hashCode(paddrs);
    }
  }

  /**
   * {@code dma:dma_unmap_sg}, logged before the act. It names the list by its physical addresses
   * only.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param paddrs physical start of each input
   */
  record DmaUnmapSg(String device, Direction direction, long[] paddrs) implements TraceEvent {

    @Override
    public boolean equals(Object other) {
      return other instanceof DmaUnmapSg that
          && device.equals(that.device)
          && direction == that.direction
          && Arrays.equals(paddrs, that.paddrs);
    }

    @Override
    public int hashCode() {
      return 31 * device.hashCode() + Arrays.hashCode(paddrs);
    }
  }

  /**
   * {@code dma:dma_sync_single_for_cpu}, {@code dma_sync_single_for_device}, {@code
   * dma_sync_sg_for_cpu} or {@code dma_sync_sg_for_device}.
   *
   * @param device the device
   * @param direction direction of the transfer
   * @param forDevice whether ownership went to the device
   * @param dmaAddress first address synchronised
   * @param size bytes; 0 of a list
   */
  record DmaSync(String device, Direction direction, boolean forDevice, long dmaAddress, long size)
      implements TraceEvent {}

  /**
   * {@code swiotlb:swiotlb_bounced}, logged before a bounce slot is searched.
   *
   * @param device the device
   * @param mask its DMA mask
   * @param paddr address of the original buffer (the event prints it as {@code dev_addr})
   * @param size bytes
   * @param forced whether bouncing is forced for the whole machine or device
   */
  record SwiotlbBounced(String device, long mask, long paddr, long size, boolean forced)
      implements TraceEvent {}

  /**
   * {@code intel_iommu:qi_submit}: a descriptor was put on an invalidation queue. The wait
   * descriptor that the kernel appends is not traced.
   *
   * @param type {@code iotlb_inv}, {@code dev_tlb_inv}, {@code iec_inv}, ...
   * @param iommu name of the unit, such as {@code dmar0}
   * @param qw0 first quadword
   * @param qw1 second quadword
   * @param qw2 third quadword
   * @param qw3 fourth quadword
   */
  record QiSubmit(String type, String iommu, long qw0, long qw1, long qw2, long qw3)
      implements TraceEvent {}

  /**
   * {@code intel_iommu:cache_tag_flush_range} or {@code cache_tag_flush_range_np}: one cache tag of
   * a domain is about to be invalidated over a range.
   *
   * @param iommu the unit
   * @param type {@code iotlb}, {@code devtlb}, {@code nesting_iotlb} or {@code nesting_devtlb}
   * @param domainId the domain id of the tag
   * @param start first address asked for
   * @param last last address asked for, inclusive
   * @param address start of the aligned block that covers it
   * @param mask log2 of the pages of that block
   * @param notPresent whether this is the {@code _np} form, after non-present entries became
   *     present
   */
  record CacheTagFlushRange(
      String iommu,
      String type,
      int domainId,
      long start,
      long last,
      long address,
      int mask,
      boolean notPresent)
      implements TraceEvent {

    /** The event; Linux 6.18 flushes a whole domain as the range of all addresses. */
    static TraceEvent of(
        String iommu,
        String type,
        int domainId,
        long start,
        long last,
        long address,
        int mask,
        boolean notPresent) {
      return start == 0 && last == -1 && !notPresent
          ? new CacheTagFlushAll(iommu, type, domainId)
          : new CacheTagFlushRange(iommu, type, domainId, start, last, address, mask, notPresent);
    }
  }

  /**
   * {@code intel_iommu:cache_tag_flush_all}: one cache tag of a domain is about to be invalidated
   * entirely.
   *
   * @param iommu the unit
   * @param type as in {@link CacheTagFlushRange}
   * @param domainId the domain id of the tag
   */
  record CacheTagFlushAll(String iommu, String type, int domainId) implements TraceEvent {}

  /**
   * {@code intel_iommu:cache_tag_assign} or {@code cache_tag_unassign}.
   *
   * @param iommu the unit
   * @param device device, or unit, that the tag is for
   * @param type as in {@link CacheTagFlushRange}
   * @param domainId the domain id of the tag
   * @param assigned true for {@code cache_tag_assign}
   */
  record CacheTagAssign(String iommu, String device, String type, int domainId, boolean assigned)
      implements TraceEvent {}

  /**
   * A gap: the CPU's buffer overflowed and the kernel dropped events ({@code CPU:n [LOST k
   * EVENTS]}). Its line has no timestamp; it carries that of the line before.
   *
   * @param cpu the CPU
   * @param events how many were dropped, 0 where the kernel does not know
   */
  record Lost(int cpu, long events) implements TraceEvent {}
}
