package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.MapResult;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.pagetable.UnmapResult;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * The page table of a domain in virtual time: what writing, clearing and walking it costs, and the
 * events of it. It has no lock in Linux, and none here. Not thread-safe.
 */
public final class PageMapper {
  /** Stands for the page shift of a granule that the entry of the granule before it covers. */
  public static final byte WITH_THE_ONE_BEFORE = -1;

  private final int domain;
  private final HostContext host;
  private final PageTable table;
  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private final IotlbGather gather = new IotlbGather();
  private final PageWalk walk = new PageWalk();
  private int tables;

  public PageMapper(int domain, DomainSpec spec, HostContext host) {
    this.domain = domain;
    this.host = host;
    table = new PageTable(new PageSizes(spec.pageSizes()), spec.levels());
  }

  /** The table, to be looked at. */
  public PageTable model() {
    return table;
  }

  /** The rights that {@code dma_info_to_prot} (drivers/iommu/dma-iommu.c) gives a direction. */
  public static int rights(int direction) {
    return switch (Direction.of(direction)) {
      case TO_DEVICE -> PageTable.READ;
      case FROM_DEVICE -> PageTable.WRITE;
      case BIDIRECTIONAL -> PageTable.READ | PageTable.WRITE;
    };
  }

  /**
   * Maps whole granules that are physically contiguous.
   *
   * @return whether they are mapped; false leaves nothing of them
   */
  public boolean map(DomainCall call, long pfn, long physPfn, long pages, int rights) {
    MapResult result =
        table.map(
            pfn << Granule.SHIFT, physPfn << Granule.SHIFT, pages << Granule.SHIFT, rights, mapped);
    call.at += host.costs().ptePrepare() + mapped.tablePagesAllocated() * host.costs().tableAlloc();
    if (result != MapResult.MAPPED) {
      return false;
    }
    call.at += mapped.ptesWritten() * host.costs().pteWrite();
    long now = host.clock().now();
    for (int run = 0; run < mapped.size(); run++) {
      int shift = mapped.pageShift(run);
      host.events()
          .ptesMapped(
              now,
              domain,
              call.id,
              Granule.pfn(mapped.iova(run)),
              Granule.pfn(mapped.phys(run)),
              mapped.count(run) << (shift - Granule.SHIFT),
              shift);
    }
    reportTables(call);
    return true;
  }

  /**
   * Clears whole granules, all of which are mapped, and notes in the call what has to be
   * invalidated: one range, or several where the runs of entries differ in length ({@code
   * iommu_iotlb_gather_add_page}). Linux invalidates such a range before it clears the next; here
   * all are cleared first.
   */
  public void clear(DomainCall call, long pfn, long pages) {
    UnmapResult result = table.unmap(pfn << Granule.SHIFT, pages << Granule.SHIFT, unmapped);
    if (result != UnmapResult.UNMAPPED) {
      throw new IllegalStateException(
          "domain %d: unmapping %d pages at pfn 0x%x: %s".formatted(domain, pages, pfn, result));
    }
    call.at += host.costs().ptePrepare() + unmapped.ptesCleared() * host.costs().pteClear();
    gather(call);
    host.events().ptesCleared(host.clock().now(), domain, call.id, pfn, pages);
    reportTables(call);
  }

  private void gather(DomainCall call) {
    gather.start(call.lazy);
    for (int run = 0; run < unmapped.size(); run++) {
      if (gather.add(unmapped.iova(run), unmapped.bytes(run), unmapped.tablePagesFreed(run))) {
        noteGathered(call);
      }
    }
    if (gather.finish()) {
      noteGathered(call);
    }
  }

  private void noteGathered(DomainCall call) {
    long first = Granule.pfn(gather.syncStart());
    call.toInvalidate(first, Granule.pfn(gather.syncEnd()) - first + 1);
  }

  private void reportTables(DomainCall call) {
    if (table.tablePages() != tables) {
      tables = table.tablePages();
      host.events().tablesChanged(host.clock().now(), domain, call.id, tables);
    }
  }

  /**
   * Walks the table for granules that a unit missed; those that follow in the same large page come
   * with the first of it.
   */
  public IommuMessage.Walked walk(int ticket, long[] pfns, int n) {
    byte[] shifts = new byte[n];
    long reads = 0;
    long missing = -1;
    long walkedTo = 0;
    for (int i = 0; i < n; i++) {
      if (i > 0 && pfns[i] == pfns[i - 1] + 1 && pfns[i] < walkedTo) {
        shifts[i] = WITH_THE_ONE_BEFORE;
        continue;
      }
      boolean present = table.walk(pfns[i] << Granule.SHIFT, walk);
      reads += Math.min(walk.levelsRead(), host.costs().walkReads());
      if (present) {
        shifts[i] = (byte) walk.pageShift();
        walkedTo =
            ((pfns[i] >>> (walk.pageShift() - Granule.SHIFT)) + 1)
                << (walk.pageShift() - Granule.SHIFT);
      } else if (missing < 0) {
        missing = pfns[i];
      }
    }
    return new IommuMessage.Walked(ticket, reads, shifts, missing);
  }
}
