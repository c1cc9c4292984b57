package dev.mapstorm.protocol.message;

/**
 * What a domain hears: calls of the DMA API, its units' answers, and its own timers. A backend of a
 * domain is a {@link Receiver}.
 */
public sealed interface DomainMessage extends Message {
  /** Hands itself to who answers it: calls the method that is named like it. */
  void to(Receiver receiver);

  /**
   * What a backend of a domain answers: every call of the DMA API, and what only the backend
   * itself, or the units that it asked, send it.
   */
  interface Receiver extends DmaApi {
    /** A call that waited for an instant continues. */
    default void resume(Resume m) {
      throw unexpected(m);
    }

    /** A unit has executed what a call asked for. */
    default void invalidated(Invalidated m) {
      throw unexpected(m);
    }

    /** The timer of the flush queue expired. */
    default void flushTimer(FlushTimer m) {
      throw unexpected(m);
    }

    /** The depot worker is due. */
    default void depotWork(DepotWork m) {
      throw unexpected(m);
    }

    private IllegalStateException unexpected(DomainMessage m) {
      return new IllegalStateException(getClass().getSimpleName() + " sends itself no " + m);
    }
  }

  /** A call of the DMA API. */
  sealed interface DmaCall extends DomainMessage {
    /** The client that calls. */
    int client();

    /** The CPU that executes the call. */
    int cpu();

    /** The client's request that it is for. */
    long op();

    /** Hands itself to who answers it. */
    void to(DmaApi api);

    @Override
    default void to(Receiver receiver) {
      to((DmaApi) receiver);
    }
  }

  /** {@code dma_map_page}. */
  record MapPage(int client, int cpu, long op, int direction, long phys, int length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.mapPage(this);
    }
  }

  /** {@code dma_map_sg}. */
  record MapSg(int client, int cpu, long op, int direction, long[] phys, int[] length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.mapSg(this);
    }
  }

  /** Opens a batch for at most {@code capacity} bytes of IOVA. */
  record BatchStart(int client, int cpu, long op, long capacity) implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.batchStart(this);
    }
  }

  /** Adds {@code phys[from..]} to an open batch until it is full. */
  record BatchAdd(
      int client, int cpu, long op, int direction, int mapping, long[] phys, int[] length, int from)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.batchAdd(this);
    }
  }

  /** Ends a batch and makes it usable. */
  record BatchFinalise(int client, int cpu, long op, int mapping) implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.batchFinalise(this);
    }
  }

  /** {@code dma_iova_try_alloc}. */
  record IovaTryAlloc(int client, int cpu, long op, long phys, long size) implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaTryAlloc(this);
    }
  }

  /** {@code dma_iova_link} for each of {@code phys}, one behind the other from {@code offset}. */
  record IovaLink(
      int client,
      int cpu,
      long op,
      int direction,
      int mapping,
      long offset,
      long[] phys,
      int[] length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaLink(this);
    }
  }

  /** {@code dma_iova_sync}. */
  record IovaSync(int client, int cpu, long op, int mapping, long offset, long size)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaSync(this);
    }
  }

  /** {@code dma_iova_unlink}: always strict. */
  record IovaUnlink(int client, int cpu, long op, int mapping, long offset, long size)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaUnlink(this);
    }
  }

  /** {@code dma_iova_destroy}: unmaps the first {@code mappedLength} bytes and frees the IOVA. */
  record IovaDestroy(int client, int cpu, long op, int mapping, long mappedLength)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaDestroy(this);
    }
  }

  /** {@code dma_iova_free}: frees an IOVA of which nothing is linked. */
  record IovaFree(int client, int cpu, long op, int mapping) implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iovaFree(this);
    }
  }

  /** {@code dma_alloc_coherent} of memory in physical pieces. */
  record AllocCoherent(int client, int cpu, long op, int direction, long[] phys, int[] length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.allocCoherent(this);
    }
  }

  /**
   * Unmaps what map page, map sg, a batch or a coherent allocation mapped; {@code mappedBy} is the
   * call that did, by its number in events.
   */
  record Unmap(int client, int cpu, long op, int mapping, long mappedBy) implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.unmap(this);
    }
  }

  /**
   * {@code iommu_map} of whole granules from {@code iova} on, which is on a granule: each of {@code
   * phys} after the one before.
   */
  record IommuMap(int client, int cpu, long op, int direction, long iova, long[] phys, int[] length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.iommuMap(this);
    }
  }

  /**
   * {@code dma_sync_single_range_for_cpu}: the CPU is about to read {@code length} bytes, from
   * {@code offset} on, of the mapping whose DMA vector starts at {@code address}. {@code mapping}
   * and {@code mappedBy} are those of {@link Unmap}.
   */
  record SyncForCpu(
      int client,
      int cpu,
      long op,
      int direction,
      int mapping,
      long mappedBy,
      long address,
      long offset,
      long length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.syncForCpu(this);
    }
  }

  /** {@code dma_sync_single_range_for_device}: the device is about to use that part. */
  record SyncForDevice(
      int client,
      int cpu,
      long op,
      int direction,
      int mapping,
      long mappedBy,
      long address,
      long offset,
      long length)
      implements DmaCall {
    @Override
    public void to(DmaApi api) {
      api.syncForDevice(this);
    }
  }

  /** A unit has executed an invalidation that call {@code call} waits for. */
  record Invalidated(int call) implements DomainMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.invalidated(this);
    }
  }

  /** Call {@code call} goes on with its next step. */
  record Resume(int call) implements DomainMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.resume(this);
    }
  }

  /** The flush-queue timer expired on {@code cpu}. */
  record FlushTimer(int cpu) implements DomainMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.flushTimer(this);
    }
  }

  /** The depot worker of a size order is due. */
  record DepotWork(int order) implements DomainMessage {
    @Override
    public void to(Receiver receiver) {
      receiver.depotWork(this);
    }
  }
}
