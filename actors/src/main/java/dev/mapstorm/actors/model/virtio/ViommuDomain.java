package dev.mapstorm.actors.model.virtio;

import dev.mapstorm.actors.model.pagetable.PageSizes;

/**
 * What the virtio-iommu driver of Linux does for a domain ({@code drivers/iommu/virtio-iommu.c};
 * 6.12 and 7.2 alike), with the core's choice of page sizes: a request for each call of the driver.
 * Nothing is sent while no endpoint is attached. Addresses and sizes in bytes. Not thread safe.
 */
public final class ViommuDomain {
  private final PageSizes sizes;
  private final boolean attached;
  private final ViommuMappings mappings = new ViommuMappings();

  /**
   * An empty domain.
   *
   * @param sizes page sizes of the device ({@code page_size_mask})
   * @param attached whether an endpoint is attached ({@code nr_endpoints})
   */
  public ViommuDomain(PageSizes sizes, boolean attached) {
    this.sizes = sizes;
    this.attached = attached;
  }

  /**
   * {@code iommu_map} without the sync: a MAP for each call of {@code viommu_map_pages}.
   *
   * @return how many calls
   */
  public int map(long iova, long phys, long size, RequestSink sink) {
    int calls = 0;
    for (long done = 0; done < size; calls++) {
      long at = iova + done;
      int shift = sizes.pageShift(at, phys + done, size - done);
      long bytes = sizes.pageCount(at, phys + done, size - done, shift) << shift;
      mappings.add(at, at + bytes - 1);
      if (attached) {
        sink.map(at, at + bytes - 1, phys + done);
      }
      done += bytes;
    }
    return calls;
  }

  /**
   * {@code iommu_unmap} without the sync: an UNMAP for each call of {@code viommu_unmap_pages}. A
   * call takes every mapping that begins in its piece whole, and fails if those are less than it.
   *
   * @return bytes unmapped, which may be more than asked
   */
  public long unmap(long iova, long size, RequestSink sink) {
    long done = 0;
    while (done < size) {
      long at = iova + done;
      int shift = sizes.pageShift(at, at, size - done);
      long bytes = sizes.pageCount(at, at, size - done, shift) << shift;
      long removed = mappings.remove(at, at + bytes - 1);
      if (removed < bytes) {
        break;
      }
      if (attached) {
        sink.unmap(at, at + removed - 1);
      }
      done += removed;
    }
    return done;
  }

  /** {@code viommu_iotlb_sync_map}. */
  public void syncMap(RequestSink sink) {
    if (attached) {
      sink.sync();
    }
  }

  /** {@code viommu_iotlb_sync}, which does not ask whether an endpoint is attached. */
  public void sync(RequestSink sink) {
    sink.sync();
  }

  /** {@code viommu_flush_iotlb_all}. */
  public void flushAll(RequestSink sink) {
    if (attached) {
      sink.sync();
    }
  }

  /** Mappings that it has. */
  public int mappings() {
    return mappings.size();
  }
}
