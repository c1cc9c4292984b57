package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.twostep.TwoStepDomain;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.Granule;

/**
 * What the two-step calls do to a page table, for one call at a time. IOVA, and what the units have
 * to be told, are {@link DmaIommu}'s: they take time. Not thread-safe.
 */
final class TwoStepPort implements TwoStepDomain {
  static final int EINVAL = -22;
  static final int EEXIST = -17;

  private final DomainOps ops;
  private IovaCall call;
  private Mapping mapping;
  private boolean cleared;
  private final PageWalk walk = new PageWalk();

  TwoStepPort(DomainOps ops) {
    this.ops = ops;
  }

  /** What follows is for this call on this mapping. */
  void begin(IovaCall by, Mapping of) {
    call = by;
    mapping = of;
    cleared = false;
  }

  /** Whether anything was unmapped since {@link #begin}. */
  boolean cleared() {
    return cleared;
  }

  @Override
  public int map(long iova, long phys, long size, int prot) {
    if (Granule.offset(iova | phys | size) != 0) {
      return EINVAL;
    }
    long pfn = Granule.pfn(iova);
    long count = Granule.pages(size);
    if (!ops.map(call, pfn, Granule.pfn(phys), count, prot & (PageTable.READ | PageTable.WRITE))) {
      return EEXIST;
    }
    mapping.mappedPages = pfn + count - mapping.pfn;
    return 0;
  }

  /** Ends at the first page of the mapping that no link reached. */
  @Override
  public long unmap(long iova, long size, boolean queued) {
    long from = Granule.pfn(iova);
    long count = Math.min(Granule.pages(size), mapping.pfn + mapping.mappedPages - from);
    if (mapping.holes) {
      count = present(from, count);
    }
    if (count <= 0) {
      return 0;
    }
    mapping.holes = true;
    ops.unmap(call, from, count, queued);
    cleared = true;
    return count << Granule.SHIFT;
  }

  private long present(long from, long most) {
    long found = 0;
    while (found < most && ops.table().walk(from + found << Granule.SHIFT, walk)) {
      found++;
    }
    return found;
  }

  /** Not counted: what becomes of it is in the journal. */
  @Override
  public void warn() {}

  @Override
  public long alloc(long pages) {
    throw elsewhere();
  }

  @Override
  public void free(long pfn, long pages) {
    throw elsewhere();
  }

  @Override
  public void queue(long pfn, long pages) {
    throw elsewhere();
  }

  @Override
  public void invalidate() {
    throw elsewhere();
  }

  @Override
  public int syncMap(long iova, long size) {
    throw elsewhere();
  }

  private static IllegalStateException elsewhere() {
    return new IllegalStateException("takes time: a step of the call");
  }

  @Override
  public long physical(long iova) {
    throw trusted();
  }

  @Override
  public long bounce(long phys, long size) {
    throw trusted();
  }

  @Override
  public void unbounce(long phys, long size) {
    throw trusted();
  }

  @Override
  public void syncForDevice(long phys, long size) {
    throw trusted();
  }

  @Override
  public void syncForCpu(long phys, long size) {
    throw trusted();
  }

  private static IllegalStateException trusted() {
    return new IllegalStateException("devices are trusted and coherent");
  }
}
