package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Phyr;
import java.util.List;

/**
 * An event as a value, for tools that show, compare or select events one by one. Whoever reads
 * millions uses an {@link EventSink}. Each record has the arguments of the sink method of its name.
 */
public sealed interface Event permits RequestEvent, OutcomeEvent {
  /** The virtual instant in nanoseconds. */
  long t();

  /** Calls the method of {@code sink} that this event is. */
  void to(EventSink sink);

  /** {@link EventSink#dmaRequested}. */
  record DmaRequested(long t, int client, long op, int direction, int api, List<Phyr> phyrs)
      implements RequestEvent {
    /** Keeps an unmodifiable copy of the list. */
    public DmaRequested {
      phyrs = List.copyOf(phyrs);
    }

    @Override
    public void to(EventSink sink) {
      long[] phys = phyrs.stream().mapToLong(Phyr::start).toArray();
      int[] length = phyrs.stream().mapToInt(Phyr::length).toArray();
      sink.dmaRequested(t, client, op, direction, api, phyrs.size(), phys, length);
    }
  }

  /** {@link EventSink#releaseRequested}. */
  record ReleaseRequested(long t, int client, long op, int cpu) implements RequestEvent {
    @Override
    public void to(EventSink sink) {
      sink.releaseRequested(t, client, op, cpu);
    }
  }

  /** {@link EventSink#requestArrived}. */
  record RequestArrived(long t, int client, long op, int cpu) implements RequestEvent {
    @Override
    public void to(EventSink sink) {
      sink.requestArrived(t, client, op, cpu);
    }
  }

  /** {@link EventSink#iovaAllocated}. */
  record IovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
    }
  }

  /** {@link EventSink#iovaFreed}. */
  record IovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.iovaFreed(t, domain, cpu, pfn, pages, destination);
    }
  }

  /** {@link EventSink#iovaCachesFlushed}. */
  record IovaCachesFlushed(long t, int domain, int cpu, long ranges) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.iovaCachesFlushed(t, domain, cpu, ranges);
    }
  }

  /** {@link EventSink#depotTrimmed}. */
  record DepotTrimmed(long t, int domain, int order, long ranges) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.depotTrimmed(t, domain, order, ranges);
    }
  }

  /** {@link EventSink#ptesMapped}. */
  record PtesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.ptesMapped(t, domain, client, pfn, physPfn, pages, pageShift);
    }
  }

  /** {@link EventSink#ptesCleared}. */
  record PtesCleared(long t, int domain, int client, int cpu, long pfn, long pages)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.ptesCleared(t, domain, client, cpu, pfn, pages);
    }
  }

  /** {@link EventSink#tablesChanged}. */
  record TablesChanged(long t, int domain, long tables) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.tablesChanged(t, domain, tables);
    }
  }

  /** {@link EventSink#mapped}. */
  record Mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs);
    }
  }

  /** {@link EventSink#mapFailed}. */
  record MapFailed(long t, int domain, int client, long op, int error) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.mapFailed(t, domain, client, op, error);
    }
  }

  /** {@link EventSink#unmapped}. */
  record Unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.unmapped(t, domain, client, op, mapping, cpu, callNs);
    }
  }

  /** {@link EventSink#lockWaited}. */
  record LockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.lockWaited(t, lock, instance, cpu, holder, waitNs);
    }
  }

  /** {@link EventSink#lockUsed}. */
  record LockUsed(long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.lockUsed(t, lock, instance, acquisitions, heldNs, waitedNs);
    }
  }

  /** {@link EventSink#invalidationPosted}. */
  record InvalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    }
  }

  /** {@link EventSink#invalidationCompleted}. */
  record InvalidationCompleted(long t, int iommu, int domain, int cpu, long latencyNs, int dropped)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
    }
  }

  /** {@link EventSink#flushQueued}. */
  record FlushQueued(long t, int domain, int cpu, long pfn, long pages) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.flushQueued(t, domain, cpu, pfn, pages);
    }
  }

  /** {@link EventSink#flushStarted}. */
  record FlushStarted(long t, int domain, int cpu, int reason) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.flushStarted(t, domain, cpu, reason);
    }
  }

  /** {@link EventSink#flushFinished}. */
  record FlushFinished(long t, int domain, int cpu, long freed) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.flushFinished(t, domain, cpu, freed);
    }
  }

  /** {@link EventSink#submitted}. */
  record Submitted(long t, int device, int client, long op) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.submitted(t, device, client, op);
    }
  }

  /** {@link EventSink#translated}. */
  record Translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
    }
  }

  /** {@link EventSink#faulted}. */
  record Faulted(long t, int device, int client, long op, long pfn, int error)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.faulted(t, device, client, op, pfn, error);
    }
  }

  /** {@link EventSink#completed}. */
  record Completed(long t, int device, int client, long op) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.completed(t, device, client, op);
    }
  }

  /** {@link EventSink#requestDone}. */
  record RequestDone(long t, int client, long op, long bytes, long latencyNs)
      implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.requestDone(t, client, op, bytes, latencyNs);
    }
  }

  /** {@link EventSink#cpuStolen}. */
  record CpuStolen(long t, int cpu, long ns) implements OutcomeEvent {
    @Override
    public void to(EventSink sink) {
      sink.cpuStolen(t, cpu, ns);
    }
  }
}
