package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.MapResult;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.spec.PerItem;

/**
 * The page table of a domain in virtual time: what writing and clearing it costs, and the events of
 * it. It has no lock in Linux, and none here. Not thread-safe.
 */
public final class PageMapper {
  private final int domain;
  private final HostContext host;
  private final int granuleShift;
  private final PageTable table;
  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private final boolean byCpu;
  private int tables;

  /** An empty table of a domain, which CPUs write. */
  public PageMapper(int domain, PageTableFormat format, HostContext host) {
    this(domain, format, host, true);
  }

  /**
   * An empty table of a domain.
   *
   * @param byCpu whether CPUs write it, so that it takes their time; else a hypervisor does
   */
  public PageMapper(int domain, PageTableFormat format, HostContext host, boolean byCpu) {
    this.domain = domain;
    this.byCpu = byCpu;
    this.host = host;
    granuleShift = format.granuleShift();
    table = new PageTable(format);
  }

  /** The table. */
  public PageTable table() {
    return table;
  }

  /**
   * Maps whole granules that are physically contiguous.
   *
   * @return whether they are mapped; false leaves nothing of them
   */
  public boolean map(DomainCall call, long pfn, long physPfn, long pages, int rights) {
    MapResult result =
        table.map(
            pfn << granuleShift, physPfn << granuleShift, pages << granuleShift, rights, mapped);
    charge(
        call, host.costs().ptePrepare() + mapped.tablePagesAllocated() * host.costs().tableAlloc());
    if (result != MapResult.MAPPED) {
      return false;
    }
    charge(call, host.costs().pteWrite(), mapped.ptesWritten());
    long now = host.clock().now();
    for (int run = 0; run < mapped.size(); run++) {
      int shift = mapped.pageShift(run);
      host.events()
          .ptesMapped(
              now,
              domain,
              call.id,
              mapped.iova(run) >>> granuleShift,
              mapped.phys(run) >>> granuleShift,
              mapped.count(run) << (shift - granuleShift),
              shift);
    }
    reportTables(call);
    return true;
  }

  /**
   * Clears whole granules, all of which are mapped.
   *
   * @return what was cleared, run by run, until the next clearing
   */
  public UnmappedRuns clear(DomainCall call, long pfn, long pages) {
    long bytes = pages << granuleShift;
    long done = table.unmap(pfn << granuleShift, bytes, unmapped);
    if (done != bytes || unmapped.unmappedBytes() != bytes) {
      throw new IllegalStateException(
          "domain %d: of %d pages at pfn 0x%x to unmap, %d bytes were mapped"
              .formatted(domain, pages, pfn, unmapped.unmappedBytes()));
    }
    charge(call, host.costs().unmapPrepare());
    charge(call, host.costs().pteClear(), unmapped.ptesCleared());
    host.events().ptesCleared(host.clock().now(), domain, call.id, pfn, pages);
    reportTables(call);
    return unmapped;
  }

  private void charge(DomainCall call, long ns) {
    call.at += byCpu ? ns : 0;
  }

  private void charge(DomainCall call, PerItem each, long items) {
    if (byCpu) {
      call.spend(each, items);
    }
  }

  private void reportTables(DomainCall call) {
    if (table.tablePages() != tables) {
      tables = table.tablePages();
      host.events().tablesChanged(host.clock().now(), domain, call.id, tables);
    }
  }
}
