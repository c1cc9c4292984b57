package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.sg.SgLayout;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.protocol.DmaCall;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * A domain behind an IOMMU: the DMA API as drivers/iommu/dma-iommu.c of Linux 6.12 implements it
 * (the two-step calls as in 6.16), in virtual time.
 *
 * <p>Every call is a {@link DomainCall}. Mapping: IOVA, page table, answer. Unmapping: page table,
 * then strictly invalidate, wait and free the IOVA, in this order, or lazily leave both to the
 * {@link LazyQueue}. {@code cache_lock} (L5) is held from before the invalidation is posted until
 * it is complete.
 */
public final class DmaIommu implements Core<DomainMessage>, LazyQueue.Steps {
  private static final int NOBODY = -1;

  private final int domain;
  private final DomainSpec spec;
  private final HostContext host;
  private final CallLog log;
  private final IovaSpace iova;
  private final PageMapper pages;
  private final LazyQueue lazyQueue;
  private final SpinLock<DomainCall> cacheLock;
  private final SgLayout layout = new SgLayout(Granule.BYTES);
  private final Slots<DomainCall> calls = new Slots<>();
  private final Slots<Mapping> mappings = new Slots<>();

  public DmaIommu(int domain, HostSpec host, HostContext context) {
    this.domain = domain;
    this.spec = host.domains().get(domain);
    this.host = context;
    log = new CallLog(domain, context);
    iova = new IovaSpace(domain, host, context, log);
    pages = new PageMapper(domain, spec, context);
    lazyQueue = new LazyQueue(domain, host, context, iova, this);
    cacheLock =
        new SpinLock<>(
            LockClass.CACHE_TAG,
            LockClass.instance(domain, 0, 0),
            context.events(),
            context.locks());
  }

  @Override
  public void on(DomainMessage message) {
    if (message instanceof DomainMessage.Resume m) {
      resume(calls.get(m.call()));
    } else if (message instanceof DomainMessage.Invalidated m) {
      invalidated(calls.get(m.call()));
    } else if (message instanceof DomainMessage.Walk m) {
      host.clock().tell(host.layout().iommu(m.iommu()), pages.walk(m.ticket(), m.pfns(), m.n()));
    } else if (message instanceof DomainMessage.MapPage m) {
      DomainCall call = enter(m, m.client(), m.cpu(), m.op(), DmaCall.MAP_PAGE);
      allocate(call, Granule.spanned(m.phys(), m.length()));
    } else if (message instanceof DomainMessage.Unmap m) {
      unmap(begin(m, m.client(), m.cpu(), m.op()), m.mapping());
    } else if (message instanceof DomainMessage.FlushTimer m) {
      lazyQueue.timer(enter(m, NOBODY, m.cpu(), NOBODY, DmaCall.FLUSH_TIMER));
    } else if (message instanceof DomainMessage.DepotWork m) {
      iova.depotWork(m.order());
    } else {
      onListCall(message);
    }
  }

  @Override
  public void show(HostVisitor visitor) {
    visitor.domain(domain, iova.model(), pages.model(), lazyQueue.model());
    mappings.forEachTaken(
        number -> {
          Mapping mapping = mappings.get(number);
          visitor.mapping(domain, mapping.id, number, mapping.pfn, mapping.pages, mapping.vectors());
        });
    calls.forEachTaken(number -> visitor.call(domain, calls.get(number).show()));
  }

  /** The calls that are rarer than page maps. */
  private void onListCall(DomainMessage message) {
    if (message instanceof DomainMessage.MapSg m) {
      DomainCall call = enter(m, m.client(), m.cpu(), m.op(), DmaCall.MAP_SG);
      beginList(call, m.phys(), m.length());
    } else if (message instanceof DomainMessage.AllocCoherent m) {
      DomainCall call = enter(m, m.client(), m.cpu(), m.op(), DmaCall.ALLOC_COHERENT);
      beginList(call, m.phys(), m.length());
    } else if (message instanceof DomainMessage.BatchStart m) {
      DomainCall call = enter(m, m.client(), m.cpu(), m.op(), DmaCall.MAP_BATCH);
      allocate(call, Granule.pages(m.capacity()));
    } else if (message instanceof DomainMessage.BatchAdd m) {
      add(goOn(m, m.client(), m.cpu(), m.op(), m.mapping()), m);
    } else if (message instanceof DomainMessage.BatchFinalise m) {
      publish(goOn(m, m.client(), m.cpu(), m.op(), m.mapping()));
    } else if (message instanceof DomainMessage.IovaTryAlloc m) {
      DomainCall call = enter(m, m.client(), m.cpu(), m.op(), DmaCall.MAP_IOVA);
      allocate(call, Granule.spanned(m.phys(), m.size()));
    } else if (message instanceof DomainMessage.IovaLink m) {
      link(goOn(m, m.client(), m.cpu(), m.op(), m.mapping()), m);
    } else if (message instanceof DomainMessage.IovaSync m) {
      publish(goOn(m, m.client(), m.cpu(), m.op(), m.mapping()));
    } else if (message instanceof DomainMessage.IovaUnlink m) {
      unlink(begin(m, m.client(), m.cpu(), m.op()), m);
    } else if (message instanceof DomainMessage.IovaDestroy m) {
      destroy(begin(m, m.client(), m.cpu(), m.op()), m.mapping(), m.mappedLength());
    } else if (message instanceof DomainMessage.IovaFree m) {
      destroy(begin(m, m.client(), m.cpu(), m.op()), m.mapping(), 0);
    }
  }

  private DomainCall begin(DomainMessage message, int client, int cpu, long op) {
    int number = calls.take(DomainCall::new);
    DomainCall call = calls.get(number);
    call.begin(number, message, client, cpu, op, host.clock().now());
    return call;
  }

  /** A call that takes no mapping back. */
  private DomainCall enter(DomainMessage message, int client, int cpu, long op, DmaCall what) {
    DomainCall call = begin(message, client, cpu, op);
    log.enter(call, what);
    return call;
  }

  /** A further step of the call that makes a mapping, which the driver asks for by itself. */
  private DomainCall goOn(DomainMessage message, int client, int cpu, long op, int number) {
    DomainCall call = begin(message, client, cpu, op);
    call.domain = domain;
    call.id = mappings.get(number).id;
    call.mapping = number;
    return call;
  }

  // Mapping.

  private void beginList(DomainCall call, long[] phys, int[] length) {
    long bytes =
        layout.measure(
            phys, length, phys.length, spec.segmentBoundaryMask(), spec.maxSegmentBytes());
    call.at += phys.length * host.costs().sgSegment();
    allocate(call, Granule.pages(bytes));
  }

  private void allocate(DomainCall call, long pages) {
    call.pages = pages;
    call.at += host.costs().mapCall();
    allocated(call, iova.allocate(call));
  }

  private void allocated(DomainCall call, boolean done) {
    if (!done) {
      resumeLater(call);
    } else if (call.pfn == 0) {
      fail(call, DmaError.NO_IOVA);
    } else {
      map(call);
    }
  }

  private void map(DomainCall call) {
    call.mapping = mappings.take(Mapping::new);
    Mapping mapping = mappings.get(call.mapping);
    mapping.begin(call.id, call.pfn, call.pages);
    DomainMessage message = call.message;
    if (message instanceof DomainMessage.MapPage m) {
      mapPage(call, mapping, m);
    } else if (message instanceof DomainMessage.MapSg m) {
      mapList(call, mapping, m.phys(), m.length(), m.direction());
    } else if (message instanceof DomainMessage.AllocCoherent m) {
      mapList(call, mapping, m.phys(), m.length(), m.direction());
    } else if (message instanceof DomainMessage.BatchStart) {
      answer(call, new DriverMessage.BatchStarted(call.op, call.cpu, call.mapping));
    } else if (message instanceof DomainMessage.IovaTryAlloc m) {
      mapping.offset = Granule.offset(m.phys());
      mapping.size = m.size();
      answer(call, new DriverMessage.IovaReady(call.op, call.cpu, call.mapping));
    }
  }

  private void mapPage(DomainCall call, Mapping mapping, DomainMessage.MapPage m) {
    int rights = PageMapper.rights(m.direction());
    if (!pages.map(call, call.pfn, Granule.pfn(m.phys()), call.pages, rights)) {
      throw presentEntries(mapping);
    }
    mapping.mappedPages = call.pages;
    mapping.append((call.pfn << Granule.SHIFT) + Granule.offset(m.phys()), m.length());
    answerMapped(call, mapping);
  }

  private void mapList(DomainCall call, Mapping mapping, long[] phys, int[] length, int direction) {
    // Measured again: other calls may have used the layout while this one waited for its IOVA.
    layout.measure(phys, length, phys.length, spec.segmentBoundaryMask(), spec.maxSegmentBytes());
    layout.place(call.pfn << Granule.SHIFT);
    int rights = PageMapper.rights(direction);
    for (int i = 0; i < layout.chunks(); i++) {
      long pfn = Granule.pfn(layout.chunkIova(i));
      long count = Granule.pages(layout.chunkLength(i));
      if (!pages.map(call, pfn, Granule.pfn(layout.chunkPhys(i)), count, rights)) {
        throw presentEntries(mapping);
      }
      mapping.mappedPages = pfn + count - call.pfn;
    }
    for (int i = 0; i < layout.vectors(); i++) {
      mapping.appendApart(layout.vectorAddress(i), layout.vectorLength(i));
    }
    answerMapped(call, mapping);
  }

  private void add(DomainCall call, DomainMessage.BatchAdd m) {
    Mapping mapping = mappings.get(m.mapping());
    int rights = PageMapper.rights(m.direction());
    int accepted = 0;
    for (int i = m.from(); i < m.phys().length; i++) {
      long count = Granule.spanned(m.phys()[i], m.length()[i]);
      if (mapping.mappedPages + count > mapping.pages) {
        break;
      }
      long pfn = mapping.pfn + mapping.mappedPages;
      call.at += host.costs().batchAdd();
      if (!pages.map(call, pfn, Granule.pfn(m.phys()[i]), count, rights)) {
        throw presentEntries(mapping);
      }
      mapping.mappedPages += count;
      mapping.append((pfn << Granule.SHIFT) + Granule.offset(m.phys()[i]), m.length()[i]);
      accepted++;
    }
    answer(call, new DriverMessage.BatchAdded(call.op, call.cpu, m.mapping(), accepted));
  }

  private void link(DomainCall call, DomainMessage.IovaLink m) {
    Mapping mapping = mappings.get(m.mapping());
    int rights = PageMapper.rights(m.direction());
    long offset = m.offset();
    long linked = 0;
    for (int i = 0; i < m.phys().length; i++) {
      if (Granule.offset(m.phys()[i]) != 0 && offset > 0) {
        // WARN_ON_ONCE and -EIO in dma_iova_link().
        fail(call, DmaError.MISALIGNED_LINK);
        return;
      }
      long address = (mapping.pfn << Granule.SHIFT) + mapping.offset + offset;
      long count = Granule.spanned(address, m.length()[i]);
      if (Granule.pfn(address) + count > mapping.pfn + mapping.pages) {
        fail(call, DmaError.OUT_OF_RANGE);
        return;
      }
      if (!pages.map(call, Granule.pfn(address), Granule.pfn(m.phys()[i]), count, rights)) {
        fail(call, DmaError.ALREADY_MAPPED);
        return;
      }
      mapping.mappedPages = Granule.pfn(address) + count - mapping.pfn;
      mapping.append(address, m.length()[i]);
      offset += m.length()[i];
      linked += m.length()[i];
    }
    answer(call, new DriverMessage.Linked(call.op, call.cpu, m.mapping(), linked));
  }

  /**
   * Ends a batch or syncs a two-step mapping: VT-d without caching mode has nothing to tell the
   * hardware.
   */
  private void publish(DomainCall call) {
    call.at += host.costs().iovaSync();
    answerMapped(call, mappings.get(call.mapping));
  }

  /** Fresh IOVA is never mapped: its entries were cleared before it was freed. */
  private IllegalStateException presentEntries(Mapping mapping) {
    return new IllegalStateException(
        "domain %d: fresh IOVA of %d pages at pfn 0x%x has present entries"
            .formatted(domain, mapping.pages, mapping.pfn));
  }

  // Unmapping.

  private void unmap(DomainCall call, int number) {
    Mapping mapping = mappings.get(number);
    log.enter(call, DmaCall.UNMAP, mapping.id);
    clear(call, number, 0, mapping.mappedPages);
    call.pfn = mapping.pfn;
    call.pages = mapping.pages;
  }

  private void destroy(DomainCall call, int number, long mappedLength) {
    Mapping mapping = mappings.get(number);
    log.enter(call, mappedLength == 0 ? DmaCall.FREE_IOVA : DmaCall.DESTROY_IOVA, mapping.id);
    call.pfn = mapping.pfn;
    if (mappedLength == 0) {
      call.mapping = number;
      call.at += host.costs().unmapCall();
      call.pages = Granule.pages(mapping.size + mapping.offset);
      free(call);
      return;
    }
    long pagesMapped = Granule.pages(mappedLength + mapping.offset);
    clear(call, number, 0, pagesMapped);
    // dma_iova_destroy() frees what was mapped, even where less was mapped than allocated.
    call.pages = pagesMapped;
  }

  private void unlink(DomainCall call, DomainMessage.IovaUnlink m) {
    Mapping mapping = mappings.get(m.mapping());
    log.enter(call, DmaCall.UNLINK_IOVA, mapping.id);
    long from = m.offset() + mapping.offset;
    call.freesIova = false;
    clear(call, m.mapping(), Granule.pfn(from), Granule.spanned(from, m.size()));
  }

  private void clear(DomainCall call, int number, long fromPage, long count) {
    Mapping mapping = mappings.get(number);
    call.mapping = number;
    call.at += host.costs().unmapCall();
    call.lazy = call.freesIova && spec.mode() == IommuMode.LAZY;
    pages.clear(call, mapping.pfn + fromPage, count);
    call.step = DomainCall.Step.CLEARED;
    resumeLater(call);
  }

  @Override
  public void invalidate(DomainCall call) {
    long start = cacheLock.lock(host.clock().now(), call);
    if (start != SpinLock.QUEUED) {
      post(call);
    }
  }

  private void post(DomainCall call) {
    host.clock()
        .tell(
            host.layout().iommu(spec.iommu()),
            new IommuMessage.Invalidate(
                domain,
                call.number,
                call.id,
                call.cpu,
                call.invalidationPfn(),
                call.invalidationPages()));
  }

  private void invalidated(DomainCall call) {
    DomainCall following = cacheLock.unlock(host.clock().now());
    if (following != null) {
      post(following);
    }
    call.at = host.clock().now();
    if (call.wholeDomain) {
      lazyQueue.flushed(call);
    } else if (call.nextInvalidation()) {
      invalidate(call);
    } else if (call.freesIova) {
      free(call);
    } else {
      answer(call, new DriverMessage.Unlinked(call.op, call.cpu, call.mapping));
    }
  }

  private void free(DomainCall call) {
    if (iova.free(call, call.pfn, call.pages)) {
      unmapped(call);
    } else {
      call.step = DomainCall.Step.FREE;
      resumeLater(call);
    }
  }

  // Going on.

  private void resume(DomainCall call) {
    switch (call.step) {
      case ALLOCATE_CACHED -> allocated(call, iova.allocateCached(call));
      case ALLOCATE_TREE -> allocated(call, iova.allocateTree(call));
      case CLEARED -> {
        if (call.lazy) {
          lazyQueue.queue(call);
        } else {
          invalidate(call);
        }
      }
      case INVALIDATE -> invalidate(call);
      case FREE -> free(call);
      case RECLAIM, LEAVE_RING -> lazyQueue.resume(call);
    }
  }

  @Override
  public void resumeLater(DomainCall call) {
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  // Answering.

  private void answerMapped(DomainCall call, Mapping mapping) {
    answer(call, new DriverMessage.Mapped(
            call.op, call.cpu, call.mapping, call.id, mapping.mappedPages, mapping.vectors()));
  }

  @Override
  public void release(DomainCall call) {
    calls.give(call.number);
  }

  @Override
  public void unmapped(DomainCall call) {
    mappings.give(call.mapping);
    answer(call, new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id));
  }

  private void fail(DomainCall call, DmaError error) {
    answer(call, new DriverMessage.CallFailed(call.op, call.cpu, call.id, error));
  }

  private void answer(DomainCall call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }
}
