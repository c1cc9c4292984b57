package dev.mapstorm.actors.backend.direct;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.protocol.DmaCall;
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
public final class DmaDirect implements Core<DomainMessage> {
  private static final int NOTHING = 0;

  private final HostContext host;
  private final CallLog log;
  private final Slots<Mapping> batches = new Slots<>();

  public DmaDirect(int domain, HostContext host) {
    this.host = host;
    log = new CallLog(domain, host);
  }

  @Override
  public void on(DomainMessage message) {
    if (message instanceof DomainMessage.MapPage m) {
      long call = log.enter(m.cpu(), m.client(), m.op(), DmaCall.MAP_PAGE);
      long[] vectors = {m.phys(), m.length()};
      answerMapped(m.client(), host.costs().directMap(), m.op(), m.cpu(), call, vectors);
    } else if (message instanceof DomainMessage.MapSg m) {
      long call = log.enter(m.cpu(), m.client(), m.op(), DmaCall.MAP_SG);
      mapEach(m.client(), m.op(), m.cpu(), call, m.phys(), m.length());
    } else if (message instanceof DomainMessage.AllocCoherent m) {
      long call = log.enter(m.cpu(), m.client(), m.op(), DmaCall.ALLOC_COHERENT);
      mapEach(m.client(), m.op(), m.cpu(), call, m.phys(), m.length());
    } else if (message instanceof DomainMessage.BatchStart m) {
      int number = batches.take(Mapping::new);
      batches
          .get(number)
          .begin(log.enter(m.cpu(), m.client(), m.op(), DmaCall.MAP_BATCH), 0, 0);
      answer(m.client(), 0, new DriverMessage.BatchStarted(m.op(), m.cpu(), number));
    } else if (message instanceof DomainMessage.BatchAdd m) {
      add(m);
    } else if (message instanceof DomainMessage.BatchFinalise m) {
      Mapping batch = batches.get(m.mapping());
      batches.give(m.mapping());
      answerMapped(m.client(), 0, m.op(), m.cpu(), batch.id, batch.vectors());
    } else if (message instanceof DomainMessage.IovaTryAlloc m) {
      long call = log.enter(m.cpu(), m.client(), m.op(), DmaCall.MAP_IOVA);
      answer(
          m.client(),
          0,
          new DriverMessage.CallFailed(m.op(), m.cpu(), call, DmaError.NOT_SUPPORTED));
    } else if (message instanceof DomainMessage.Unmap m) {
      long call = log.enter(m.cpu(), m.client(), m.op(), DmaCall.UNMAP, m.mappedBy());
      answer(m.client(), 0, new DriverMessage.Unmapped(m.op(), m.cpu(), m.mapping(), call));
    } else {
      throw new IllegalStateException("a direct map hears no " + message);
    }
  }

  @Override
  public void show(HostVisitor visitor) {
    // What is mapped is with the clients, and a batch is open within one instant or as a message.
  }

  private void mapEach(
      int client, long op, int cpu, long call, long[] phys, int[] length) {
    long[] vectors = new long[phys.length * 2];
    for (int i = 0; i < phys.length; i++) {
      vectors[2 * i] = phys[i];
      vectors[2 * i + 1] = length[i];
    }
    answerMapped(client, phys.length * host.costs().directMap(), op, cpu, call, vectors);
  }

  private void answerMapped(
      int client, long delayNs, long op, int cpu, long call, long[] vectors) {
    long bytes = 0;
    for (int i = 1; i < vectors.length; i += 2) {
      bytes += vectors[i];
    }
    long pages = Granule.spanned(vectors[0], bytes);
    answer(client, delayNs, new DriverMessage.Mapped(op, cpu, NOTHING, call, pages, vectors));
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
