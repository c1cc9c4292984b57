package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.Granule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The allocator model of one domain beside what the trace says is in use.
 *
 * <p>Both agree until an allocation is not explained. Then the kernel's answer is imposed: its
 * range is in use from there on, and made known to the model's tree if the model holds nothing
 * there. What the model offered from a magazine instead is taken out of it, as the kernel evidently
 * does not hold it there; it comes back when the kernel frees it next. If the model holds the
 * kernel's range in some magazine, it stays there and is dropped when it comes up while in use. A
 * miss thus costs what it displaced, not all that follows. Not thread safe.
 */
final class ObservedDomain {
  /** Where the model would take a range from. */
  enum Source {
    /** The magazines of the CPU. */
    MAGAZINE,
    /** The depot. */
    DEPOT,
    /** The tree. */
    TREE
  }

  private static final long LIMIT_32 = Granule.pfn(0xffffffffL);

  private final IovaDomain model;
  private final long limitPfn;
  private final int magazineSize;
  private final Map<Long, Long> inUse = new HashMap<>();

  /**
   * An empty domain.
   *
   * @param cpus CPUs of the machine
   * @param parameters sizes of the caches
   * @param limitPfn highest granule that its devices can address
   * @param reserved windows that are kept out
   */
  ObservedDomain(
      int cpus, IovaParameters parameters, long limitPfn, List<ReservedWindow> reserved) {
    model = new IovaDomain(cpus, Granule.SHIFT, 1, parameters);
    magazineSize = parameters.magazineSize();
    this.limitPfn = limitPfn;
    for (ReservedWindow window : reserved) {
      model.reserve(window.firstPfn(), window.lastPfn());
    }
  }

  /** Whether the model would now answer an allocation as the kernel did. */
  boolean answers(Operation alloc) {
    return !inUse.containsKey(alloc.pfn) && peek(alloc.cpu, alloc.pages) == alloc.pfn;
  }

  /** Takes the range that the model and the kernel agree on. */
  void take(Operation alloc) {
    if (model.allocFast(alloc.cpu, alloc.pages, limitOf(alloc.cpu, alloc.pages), false)
        != alloc.pfn) {
      throw new IllegalStateException("the model does not answer " + alloc);
    }
    inUse.put(alloc.pfn, alloc.pages);
  }

  /**
   * First granule of what the model would answer, 0 if nothing. Cached ranges that are in use, left
   * over from an unexplained allocation, are dropped.
   */
  long peek(int cpu, long pages) {
    long limit = limitOf(cpu, pages);
    long pfn = model.peekFast(cpu, pages, limit);
    while (inUse.containsKey(pfn)) {
      model.rcacheGet(cpu, model.roundSize(pages), limit);
      pfn = model.peekFast(cpu, pages, limit);
    }
    return pfn;
  }

  /** Where the model would take a range from. */
  Source source(int cpu, long pages) {
    int order = order(pages);
    if (order > model.maxCachedOrder()) {
      return Source.TREE;
    }
    if (model.cachedRanges(cpu, order) > 0) {
      return Source.MAGAZINE;
    }
    return model.depotMagazines(order) > 0 ? Source.DEPOT : Source.TREE;
  }

  /** Where the model would put a range: {@code DEPOT} if that pushes a full magazine. */
  Source destination(int cpu, long pages) {
    int order = order(pages);
    if (order > model.maxCachedOrder()) {
      return Source.TREE;
    }
    return model.cachedRanges(cpu, order) == 2 * magazineSize ? Source.DEPOT : Source.MAGAZINE;
  }

  /** The cache order of a range; equal orders share caches. */
  int order(long pages) {
    return IovaDomain.order(model.roundSize(pages));
  }

  /** Granules that are allocated for a range. */
  long roundSize(long pages) {
    return model.roundSize(pages);
  }

  /**
   * Frees a range.
   *
   * @return false, and nothing done, if the trace did not allocate it or the model could not hold
   *     it
   */
  boolean free(int cpu, long pfn, long pages) {
    if (inUse.remove(pfn) == null || model.rangeEnd(pfn) != pfn + model.roundSize(pages) - 1) {
      return false;
    }
    model.freeFast(cpu, pfn, pages);
    return true;
  }

  /**
   * Has the depot worker fire.
   *
   * @return whether the depot held more magazines than the worker leaves
   */
  boolean workDepot(long pages) {
    int order = order(pages);
    return order <= model.maxCachedOrder() && model.depotWork(order) > 0;
  }

  /** Imposes the kernel's answer, see above. */
  void impose(Operation alloc) {
    if (source(alloc.cpu, alloc.pages) != Source.TREE
        && peek(alloc.cpu, alloc.pages) != alloc.pfn) {
      model.rcacheGet(alloc.cpu, model.roundSize(alloc.pages), limitOf(alloc.cpu, alloc.pages));
    }
    long last = alloc.pfn + model.roundSize(alloc.pages) - 1;
    boolean free = true;
    for (long pfn = alloc.pfn; pfn <= last && free; pfn++) {
      free = !model.contains(pfn);
    }
    if (free) {
      model.reserve(alloc.pfn, last);
    }
    inUse.put(alloc.pfn, alloc.pages);
  }

  /**
   * {@code iommu_dma_alloc_iova}: PCI devices are given 32-bit addresses while there are any, then
   * whatever they can address.
   */
  private long limitOf(int cpu, long pages) {
    long low = Math.min(limitPfn, LIMIT_32);
    return low == limitPfn || model.peekFast(cpu, pages, low) != 0 ? low : limitPfn;
  }
}
