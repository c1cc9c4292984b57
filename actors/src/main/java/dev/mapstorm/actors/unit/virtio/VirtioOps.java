package dev.mapstorm.actors.unit.virtio;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.virtio.RequestSink;
import dev.mapstorm.actors.model.virtio.ViommuDomain;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.actors.unit.TableOps;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * The virtio-iommu driver for a domain (drivers/iommu/virtio-iommu.c). The guest writes no page
 * table: each call of the driver is a request, which the hypervisor carries out. Requests only
 * queue up in the unit; a sync of a mapping or of an unmapping waits for all that are queued.
 *
 * <p>The table here is the hypervisor's. It changes when the request is queued, not when it is
 * carried out; what the hypervisor caches of it goes with the sync.
 */
final class VirtioOps extends TableOps implements RequestSink {
  private final long queueRequestNs;
  private final ViommuDomain requests;

  /** The call whose requests are being queued. */
  private DomainCall call;

  /** Requests since the last sync; those of a lazy unmapping wait for somebody else's. */
  private int maps;

  private int unmaps;

  /** Pages of these requests. */
  private long mapPages;

  private long unmapPages;

  /**
   * Operations of a domain.
   *
   * @param unit that the domain is behind
   */
  VirtioOps(
      int domain,
      int unit,
      long queueRequestNs,
      Waiter waiter,
      PageTableFormat format,
      HostContext host) {
    super(domain, new int[] {unit}, waiter, new PageMapper(domain, format, host, false), host);
    this.queueRequestNs = queueRequestNs;
    requests = new ViommuDomain(new PageSizes(format.pageSizes()), true);
  }

  @Override
  public boolean map(DomainCall by, long pfn, long physPfn, long count, int rights) {
    if (!super.map(by, pfn, physPfn, count, rights)) {
      return false;
    }
    call = by;
    requests.map(pfn << Granule.SHIFT, physPfn << Granule.SHIFT, count << Granule.SHIFT, this);
    call = null;
    return true;
  }

  @Override
  public void unmap(DomainCall by, long pfn, long count, boolean queued) {
    pages.clear(by, pfn, count);
    call = by;
    long bytes = requests.unmap(pfn << Granule.SHIFT, count << Granule.SHIFT, this);
    call = null;
    if (bytes != count << Granule.SHIFT) {
      throw new IllegalStateException(
          "domain %d: %d pages at pfn 0x%x are not what was mapped by whole requests"
              .formatted(domain, count, pfn));
    }
    if (!queued) {
      by.toSync(pfn, count);
    }
  }

  @Override
  public void map(long first, long last, long phys) {
    maps++;
    mapPages += Granule.pfn(last) - Granule.pfn(first) + 1;
    call.at += queueRequestNs;
  }

  @Override
  public void unmap(long first, long last) {
    unmaps++;
    unmapPages += Granule.pfn(last) - Granule.pfn(first) + 1;
    call.at += queueRequestNs;
  }

  @Override
  public void sync() {
    throw new IllegalStateException("a sync is the backend's to ask for");
  }

  @Override
  public boolean syncsMaps() {
    return true;
  }

  @Override
  public void syncMap(DomainCall by) {
    tellUnit(by, false);
  }

  @Override
  public void sync(DomainCall by) {
    tellUnit(by, true);
  }

  private void tellUnit(DomainCall by, boolean invalidates) {
    tell(
        by,
        new IommuMessage.QueueRequests(
            domain,
            by.number,
            by.id,
            by.cpu,
            maps,
            mapPages,
            unmaps,
            unmapPages,
            invalidates,
            by.syncPfn(),
            by.syncPages()));
    maps = 0;
    mapPages = 0;
    unmaps = 0;
    unmapPages = 0;
  }

  @Override
  public void invalidated(DomainCall by) {
    rangeDone(by);
  }
}
