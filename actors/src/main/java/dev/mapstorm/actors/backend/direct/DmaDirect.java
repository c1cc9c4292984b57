package dev.mapstorm.actors.backend.direct;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.backend.WithoutTwoStep;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * The backend without an IOMMU (kernel/dma/direct.c): every element on its own, DMA address =
 * physical address; no allocation, no lock, no invalidation, and unmapping is nothing. A batch is
 * open-ended and answers one vector an element; the two-step calls are refused, as {@code
 * dma_iova_try_alloc} does, so that the caller maps element by element.
 */
final class DmaDirect implements WithoutTwoStep {
  private static final int NOTHING = 0;

  private final DirectCosts costs;
  private final HostContext host;
  private final CallLog log;
  private final Slots<Mapping> batches = new Slots<>();

  DmaDirect(int domain, DirectCosts costs, HostContext host) {
    this.costs = costs;
    this.host = host;
    log = new CallLog(domain, host);
  }

  @Override
  public Translation translation() {
    return null;
  }

  @Override
  public void mapPage(DomainMessage.MapPage m) {
    long[] vector = {m.phys(), m.length()};
    mapped(m, enter(m, CallKind.MAP_PAGE), costs.directMap(), vector);
  }

  @Override
  public void mapSg(DomainMessage.MapSg m) {
    mapEach(m, CallKind.MAP_SG, m.phys(), m.length());
  }

  @Override
  public void allocCoherent(DomainMessage.AllocCoherent m) {
    mapEach(m, CallKind.ALLOC_COHERENT, m.phys(), m.length());
  }

  @Override
  public void batchStart(DomainMessage.BatchStart m) {
    int number = batches.take(Mapping::new);
    batches.get(number).begin(enter(m, CallKind.MAP_BATCH), 0, 0);
    answer(m, 0, new DriverMessage.BatchStarted(m.op(), m.cpu(), number));
  }

  @Override
  public void batchAdd(DomainMessage.BatchAdd m) {
    Mapping batch = batches.get(m.mapping());
    int n = m.phys().length - m.from();
    for (int i = m.from(); i < m.phys().length; i++) {
      batch.appendApart(m.phys()[i], m.length()[i]);
    }
    long cost = n * costs.directMap();
    answer(m, cost, new DriverMessage.BatchAdded(m.op(), m.cpu(), m.mapping(), n));
  }

  @Override
  public void batchFinalise(DomainMessage.BatchFinalise m) {
    Mapping batch = batches.get(m.mapping());
    batches.give(m.mapping());
    mapped(m, batch.id, 0, batch.vectors());
  }

  @Override
  public void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    long call = enter(m, CallKind.MAP_IOVA);
    answer(m, 0, new DriverMessage.CallFailed(m.op(), m.cpu(), call, DmaError.NOT_SUPPORTED));
  }

  @Override
  public void unmap(DomainMessage.Unmap m) {
    long call = log.enter(m.cpu(), m.client(), m.op(), CallKind.UNMAP, m.mappedBy());
    answer(m, 0, new DriverMessage.Unmapped(m.op(), m.cpu(), m.mapping(), call));
  }

  /** A coherent device that bounces nothing: {@code dma_dev_need_sync} says no (since 6.10). */
  @Override
  public void syncForCpu(DomainMessage.SyncForCpu m) {
    answer(m, 0, new DriverMessage.Synced(m.op(), m.cpu()));
  }

  /** The same towards the device. */
  @Override
  public void syncForDevice(DomainMessage.SyncForDevice m) {
    answer(m, 0, new DriverMessage.Synced(m.op(), m.cpu()));
  }

  @Override
  public void show(HostVisitor visitor) {
    // What is mapped is with the clients, and a batch is open within one instant or as a message.
  }

  private long enter(DomainMessage.DmaCall m, CallKind what) {
    return log.enter(m.cpu(), m.client(), m.op(), what);
  }

  private void mapEach(DomainMessage.DmaCall m, CallKind what, long[] phys, int[] length) {
    long[] vectors = new long[phys.length * 2];
    for (int i = 0; i < phys.length; i++) {
      vectors[2 * i] = phys[i];
      vectors[2 * i + 1] = length[i];
    }
    mapped(m, enter(m, what), phys.length * costs.directMap(), vectors);
  }

  private void mapped(DomainMessage.DmaCall m, long call, long delayNs, long[] vectors) {
    long bytes = 0;
    for (int i = 1; i < vectors.length; i += 2) {
      bytes += vectors[i];
    }
    long pages = Granule.spanned(vectors[0], bytes);
    answer(m, delayNs, new DriverMessage.Mapped(m.op(), m.cpu(), NOTHING, call, pages, vectors));
  }

  private void answer(DomainMessage.DmaCall call, long delayNs, DriverMessage.Answer answer) {
    host.clock().send(delayNs, host.layout().client(call.client()), answer);
  }
}
