package dev.mapstorm.protocol.event;

/**
 * The list of everything that can happen in a host: one method an event, in virtual-time order.
 * Models write into a sink, the journal is one, and reading a journal back calls the same methods,
 * so analysis, replay and export are sinks too.
 *
 * <p>The first argument is always the virtual instant {@code t} in nanoseconds. Codes are ordinals
 * of the enums in {@code dev.mapstorm.protocol}. Instants never go back, and no argument is
 * negative unless its method says so. A sink is called from one thread at a time; arrays belong to
 * the caller and are only valid during the call.
 *
 * <p>The first three methods are <em>requests</em>: they say who asked for what, when and with
 * which physical pages, and do not depend on policy. All others are <em>outcomes</em>. {@link
 * EventKind} says which is which.
 */
public interface EventSink {

  /**
   * A client asks for {@code n} physical ranges to be reachable by its device. {@code op} counts
   * the client's requests from 0.
   */
  default void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {}

  /** A recorded client asks for its request {@code op} to be unmapped, on {@code cpu}. */
  default void releaseRequested(long t, int client, long op, int cpu) {}

  /**
   * Request {@code op} comes to a client that is asked from outside, at a rate or by a recording,
   * for {@code cpu} to map. {@code dmaRequested} follows when that CPU takes it up. A client that
   * asks by itself, in a closed loop, takes a request up as it comes and has no such event.
   */
  default void requestArrived(long t, int client, long op, int cpu) {}

  /**
   * {@code alloc_iova_fast} gave {@code pages} granules at {@code pfn}; {@code walk} tree nodes
   * were stepped over.
   */
  default void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {}

  /** {@code free_iova_fast} took a range back. */
  default void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {}

  /** An allocation failed and freed all cached ranges of the domain into the tree. */
  default void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {}

  /** The 100 ms depot worker freed one magazine of a size order into the tree. */
  default void depotTrimmed(long t, int domain, int order, long ranges) {}

  /**
   * Page-table entries of one size were written for {@code pages} granules from {@code pfn} to
   * {@code physPfn}.
   */
  default void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {}

  /** Page-table entries of {@code pages} granules from {@code pfn} were cleared by {@code cpu}. */
  default void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {}

  /** The domain now owns {@code tables} page-table pages. */
  default void tablesChanged(long t, int domain, long tables) {}

  /**
   * A mapping was handed to its client: {@code bytes} at {@code pfn}, {@code offset}, in {@code
   * vectors} DMA vectors; the calls took {@code callNs} of the client's CPU. {@code mapping} names
   * it within its domain until it is unmapped.
   */
  default void mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs) {}

  /** A DMA call of a request failed with a {@code DmaError}. */
  default void mapFailed(long t, int domain, int client, long op, int error) {}

  /** A mapping was taken back; the call took {@code callNs} of {@code cpu}. */
  default void unmapped(
      long t, int domain, int client, long op, int mapping, int cpu, long callNs) {}

  /** {@code cpu} waited {@code waitNs} for a lock that {@code holder} held. */
  default void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {}

  /**
   * What a lock was used since its last such event: the sums of the uncontended and contended
   * acquisitions.
   */
  default void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {}

  /**
   * An IOTLB invalidation was posted to a unit's queue: {@code pages} from {@code pfn} were asked
   * for, {@code covered} pages are dropped (for domain-selective ones both are 0).
   */
  default void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {}

  /**
   * The wait descriptor behind an invalidation completed, {@code latencyNs} after it was posted;
   * {@code dropped} IOTLB entries went.
   */
  default void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {}

  /** A lazily unmapped range entered a flush-queue ring. */
  default void flushQueued(long t, int domain, int cpu, long pfn, long pages) {}

  /** A flush of the flush queue began on {@code cpu}. */
  default void flushStarted(long t, int domain, int cpu, int reason) {}

  /** The flush ended; {@code freed} ranges were reclaimed from the rings. */
  default void flushFinished(long t, int domain, int cpu, long freed) {}

  /** A client rang the doorbell for a request. */
  default void submitted(long t, int device, int client, long op) {}

  /**
   * A device translated a request's addresses: {@code pages}, of which {@code hits} in the IOTLB,
   * and page-table {@code reads}.
   */
  default void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {}

  /** A device met an address that it may not use. */
  default void faulted(long t, int device, int client, long op, long pfn, int error) {}

  /** A device finished a request. */
  default void completed(long t, int device, int client, long op) {}

  /** A client is done with a request: mapped, transferred, unmapped. */
  default void requestDone(long t, int client, long op, long bytes, long latencyNs) {}

  /** Work that is not the client's own, such as the flush-queue timer, took {@code ns} of a CPU. */
  default void cpuStolen(long t, int cpu, long ns) {}

  /** Drops everything. */
  EventSink NONE = new EventSink() {};
}
