package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaPath;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.percpu.PerCpu;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;

/**
 * The IOVA allocator of a domain in virtual time: {@link IovaDomain} says what happens, this says
 * when, under which lock and at what cost. The CPU's caches (L2) and the depot (L3) are short
 * sections; the tree (L1) is only entered when the clock is at the caller's own instant, so that
 * CPUs get it in the order in which they come. Not thread-safe.
 */
final class IovaSpace {
  /** {@code IOVA_DEPOT_DELAY}, drivers/iommu/iova.c. */
  private static final long DEPOT_DELAY_NS = 100_000_000L;

  private static final int NO_SLOT = -1;

  private final int domain;
  private final HostContext host;
  private final CallLog log;
  private final DmaIommuCosts costs;
  private final IovaDomain iova;
  private final long limitPfn;
  private final SpinLock treeLock;

  /** Locks of the caches of the CPUs that were here, by order. */
  private final PerCpu<SpinLock[]> cpuLocks;

  private final SpinLock[] depotLocks;
  private final boolean[] depotWorkPending;
  private final int[] depotWorkCpu;

  IovaSpace(int domain, DmaIommuSpec own, HostSpec spec, HostContext host, CallLog log) {
    this.domain = domain;
    this.host = host;
    this.log = log;
    costs = own.costs();
    iova = new IovaDomain(spec.cpus(), own.format().granuleShift(), 1, own.iova());
    for (long[] window : own.reserved()) {
      iova.reserve(window[0], window[1]);
    }
    limitPfn = own.limitPfn();
    treeLock = lock(LockClass.IOVA_TREE, 0, 0);
    int orders = iova.maxCachedOrder() + 1;
    cpuLocks = new PerCpu<>(spec.cpus());
    depotLocks = new SpinLock[orders];
    for (int order = 0; order < orders; order++) {
      depotLocks[order] = lock(LockClass.DEPOT, 0, order);
    }
    depotWorkPending = new boolean[orders];
    depotWorkCpu = new int[orders];
  }

  private SpinLock lock(LockClass lockClass, int cpu, int order) {
    return new SpinLock(
        lockClass, LockClass.instance(domain, cpu, order), host.events(), host.locks());
  }

  private SpinLock cpuLock(int cpu, int order) {
    SpinLock[] own = cpuLocks.get(cpu);
    if (own == null) {
      own = new SpinLock[depotLocks.length];
      cpuLocks.set(cpu, own);
    }
    if (own[order] == null) {
      own[order] = lock(LockClass.CPU_RCACHE, cpu, order);
    }
    return own[order];
  }

  /** The allocator, to be looked at. */
  IovaDomain model() {
    return iova;
  }

  /** Whether ranges of this size are cached, so that freeing them does not enter the tree. */
  boolean isCached(long pages) {
    return IovaDomain.order(pages) <= iova.maxCachedOrder();
  }

  /**
   * Begins to allocate {@code call.pages}: {@code iommu_dma_alloc_iova}
   * (drivers/iommu/dma-iommu.c).
   *
   * @return true when done, with {@code call.pfn} 0 if there is none; false if the call must be
   *     resumed at {@code call.at} in its step
   */
  boolean allocate(IovaCall call) {
    int device = host.layout().deviceOf(call.client);
    long limit = limitOf(call);
    call.within32Bit = limit > iova.last32BitPfn() && host.pci32().isActive(device);
    call.limitPfn = call.within32Bit ? iova.last32BitPfn() : limit;
    return allocateCached(call);
  }

  /** What both the device's mask and the domain reach. */
  private long limitOf(IovaCall call) {
    boolean coherent = call.purpose == IovaCall.Purpose.ALLOC_COHERENT;
    return host.masks().limitPfn(host.layout().deviceOf(call.client), coherent, limitPfn);
  }

  /** The step {@link IovaCall.Step#ALLOCATE_CACHED}. */
  boolean allocateCached(IovaCall call) {
    long size = iova.roundSize(call.pages);
    if (isCached(size)) {
      call.pfn = iova.rcacheGet(call.cpu, size, call.limitPfn);
      int order = IovaDomain.order(size);
      spend(call, cpuLock(call.cpu, order), costs.rcacheGet());
      if (iova.lastTookDepotLock()) {
        spend(call, depotLocks[order], costs.depotExchange());
      }
      if (call.pfn != 0) {
        allocated(call, iova.lastPath().source(), 0);
        return true;
      }
    }
    if (call.at > host.clock().now()) {
      call.step = IovaCall.Step.ALLOCATE_TREE;
      return false;
    }
    return allocateTree(call);
  }

  /** The step {@link IovaCall.Step#ALLOCATE_TREE}. */
  boolean allocateTree(IovaCall call) {
    long size = iova.roundSize(call.pages);
    call.pfn = iova.allocTree(size, call.limitPfn);
    int walk = iova.lastWalk();
    IovaSource source = IovaSource.TREE;
    long section = searchCost(walk);
    if (call.pfn == 0 && !call.within32Bit) {
      int ranges = iova.flushCaches();
      section += ranges * costs.treeFree();
      host.events().iovaCachesFlushed(host.clock().now(), domain, call.id, ranges);
      call.pfn = iova.allocTree(size, call.limitPfn);
      walk = iova.lastWalk();
      section += searchCost(walk);
      source = IovaSource.FLUSHED_TREE;
    }
    spend(call, treeLock, section);
    if (call.pfn != 0) {
      allocated(call, source, walk);
      return true;
    }
    if (!call.within32Bit) {
      return true;
    }
    host.pci32().failed(host.layout().deviceOf(call.client));
    call.within32Bit = false;
    call.limitPfn = limitOf(call);
    call.step = IovaCall.Step.ALLOCATE_CACHED;
    return false;
  }

  private long searchCost(int walk) {
    return costs.treeAlloc() + walk * costs.treeStep();
  }

  private void allocated(IovaCall call, IovaSource source, int walk) {
    host.events()
        .iovaAllocated(
            host.clock().now(), domain, call.id, call.pfn, call.pages, source.ordinal(), walk);
  }

  /**
   * Frees a range: {@code free_iova_fast}.
   *
   * @return false if the call must be resumed at {@code call.at} to free it, because the tree is
   *     needed and the clock is not there yet
   */
  boolean free(IovaCall call, long pfn, long pages) {
    if (isCached(pages)) {
      freeCached(call, pfn, pages);
      return true;
    }
    if (call.at > host.clock().now()) {
      return false;
    }
    iova.freeTree(pfn);
    spend(call, treeLock, costs.treeFree());
    host.events()
        .iovaFreed(host.clock().now(), domain, call.id, pfn, pages, IovaDestination.TREE.ordinal());
    return true;
  }

  private void freeCached(IovaCall call, long pfn, long pages) {
    iova.rcachePut(call.cpu, pfn, pages);
    int order = IovaDomain.order(pages);
    IovaPath path = iova.lastPath();
    int overflow = iova.lastFreedToTree();
    spend(call, cpuLock(call.cpu, order), costs.rcachePut());
    if (iova.lastTookDepotLock()) {
      spend(call, depotLocks[order], costs.depotExchange());
      expectDepotWork(order, call.cpu);
    }
    if (overflow > 0) {
      // Only with a limited depot. The tree is entered some nanoseconds ahead of the clock.
      spend(call, treeLock, overflow * costs.treeFree());
    }
    host.events()
        .iovaFreed(host.clock().now(), domain, call.id, pfn, pages, path.destination().ordinal());
  }

  private void expectDepotWork(int order, int cpu) {
    if (!depotWorkPending[order]) {
      depotWorkPending[order] = true;
      depotWorkCpu[order] = cpu;
      host.clock()
          .send(DEPOT_DELAY_NS, host.layout().domain(domain), new DomainMessage.DepotWork(order));
    }
  }

  /**
   * {@code iova_depot_work_func}: frees one magazine of an order that has more than its share, and
   * comes again if it did.
   */
  void depotWork(int order) {
    depotWorkPending[order] = false;
    int ranges = iova.depotWork(order);
    if (ranges == 0) {
      return;
    }
    long now = host.clock().now();
    IovaCall work = new IovaCall();
    work.begin(NO_SLOT, IovaCall.Purpose.DEPOT_WORK, depotWorkCpu[order], now);
    log.enter(work, CallKind.DEPOT_WORK);
    depotLocks[order].hold(now, work, costs.depotExchange());
    treeLock.hold(now, work, ranges * costs.treeFree());
    host.events().depotTrimmed(now, domain, work.id, order, ranges);
    expectDepotWork(order, work.cpu);
  }

  private static void spend(IovaCall call, SpinLock lock, long sectionNs) {
    call.at = lock.hold(call.at, call, sectionNs) + sectionNs;
  }
}
