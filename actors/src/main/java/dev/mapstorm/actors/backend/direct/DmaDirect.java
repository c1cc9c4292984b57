package dev.mapstorm.actors.backend.direct;

import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * The backend without an IOMMU (kernel/dma/direct.c): every element on its own, DMA address =
 * physical address; no allocation, no lock, no invalidation, and unmapping is nothing. A batch is
 * open-ended and answers one vector an element; the two-step calls are refused, as {@code
 * dma_iova_try_alloc} does, so that the caller maps element by element.
 */
public final class DmaDirect implements Core<DomainMessage> {
  private static final int NOTHING = 0;

  private final HostContext host;
  private final Slots<Mapping> batches = new Slots<>();

  public DmaDirect(HostContext host) {
    this.host = host;
  }

  @Override
  public void on(DomainMessage message) {
    if (message instanceof DomainMessage.MapPage m) {
      long cost = host.costs().directMap();
      answer(
          m.client(),
          cost,
          new DriverMessage.Mapped(m.op(), m.cpu(), NOTHING, new long[] {m.phys(), m.length()}));
    } else if (message instanceof DomainMessage.MapSg m) {
      mapEach(m.client(), m.op(), m.cpu(), m.phys(), m.length());
    } else if (message instanceof DomainMessage.AllocCoherent m) {
      mapEach(m.client(), m.op(), m.cpu(), m.phys(), m.length());
    } else if (message instanceof DomainMessage.BatchStart m) {
      int number = batches.take(Mapping::new);
      batches.get(number).begin(0, 0);
      answer(m.client(), 0, new DriverMessage.BatchStarted(m.op(), m.cpu(), number));
    } else if (message instanceof DomainMessage.BatchAdd m) {
      add(m);
    } else if (message instanceof DomainMessage.BatchFinalise m) {
      long[] vectors = batches.get(m.mapping()).vectors();
      batches.give(m.mapping());
      answer(m.client(), 0, new DriverMessage.Mapped(m.op(), m.cpu(), NOTHING, vectors));
    } else if (message instanceof DomainMessage.IovaTryAlloc m) {
      answer(m.client(), 0, new DriverMessage.CallFailed(m.op(), m.cpu(), DmaError.NOT_SUPPORTED));
    } else if (message instanceof DomainMessage.Unmap m) {
      answer(m.client(), 0, new DriverMessage.Unmapped(m.op(), m.cpu(), m.mapping()));
    } else {
      throw new IllegalStateException("a direct map hears no " + message);
    }
  }

  @Override
  public void show(HostVisitor visitor) {
    // What is mapped is with the clients, and a batch is open within one instant or as a message.
  }

  private void mapEach(int client, long op, int cpu, long[] phys, int[] length) {
    long[] vectors = new long[phys.length * 2];
    for (int i = 0; i < phys.length; i++) {
      vectors[2 * i] = phys[i];
      vectors[2 * i + 1] = length[i];
    }
    answer(
        client,
        phys.length * host.costs().directMap(),
        new DriverMessage.Mapped(op, cpu, NOTHING, vectors));
  }

  private void add(DomainMessage.BatchAdd m) {
    Mapping batch = batches.get(m.mapping());
    int n = m.phys().length - m.from();
    for (int i = m.from(); i < m.phys().length; i++) {
      batch.appendApart(m.phys()[i], m.length()[i]);
    }
    answer(
        m.client(),
        n * host.costs().directMap(),
        new DriverMessage.BatchAdded(m.op(), m.cpu(), m.mapping(), n));
  }

  private void answer(int client, long delayNs, DriverMessage.Answer answer) {
    host.clock().send(delayNs, host.layout().client(client), answer);
  }
}
