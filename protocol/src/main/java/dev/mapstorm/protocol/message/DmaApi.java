package dev.mapstorm.protocol.message;

/**
 * The DMA API, as a backend answers it ({@code struct dma_map_ops} and kernel/dma/mapping.c of
 * Linux): one method for each call, so that a backend without an answer does not compile.
 *
 * <p>An answer is a {@link DriverMessage.Answer} to the calling client, after the time of the call,
 * with its {@code op} and {@code cpu}.
 */
public interface DmaApi {
  /** Answered by {@code Mapped}. */
  void mapPage(DomainMessage.MapPage call);

  /** Answered by {@code Mapped}. */
  void mapSg(DomainMessage.MapSg call);

  /** Answered by {@code BatchStarted}. */
  void batchStart(DomainMessage.BatchStart call);

  /** Answered by {@code BatchAdded} with at least one range accepted. */
  void batchAdd(DomainMessage.BatchAdd call);

  /** Answered by {@code Mapped}. */
  void batchFinalise(DomainMessage.BatchFinalise call);

  /**
   * Answered by {@code IovaReady}. A refusal with {@code NOT_SUPPORTED} or {@code NO_IOVA} makes
   * the caller map page by page.
   */
  void iovaTryAlloc(DomainMessage.IovaTryAlloc call);

  /** Answered by {@code Linked}. */
  void iovaLink(DomainMessage.IovaLink call);

  /** Answered by {@code Mapped}. */
  void iovaSync(DomainMessage.IovaSync call);

  /** Answered by {@code Unlinked}. */
  void iovaUnlink(DomainMessage.IovaUnlink call);

  /** Answered by {@code Unmapped}, never refused. */
  void iovaDestroy(DomainMessage.IovaDestroy call);

  /** Answered by {@code Unmapped}, never refused. */
  void iovaFree(DomainMessage.IovaFree call);

  /** Answered by {@code Mapped}. */
  void allocCoherent(DomainMessage.AllocCoherent call);

  /** Answered by {@code Unmapped}, never refused. */
  void unmap(DomainMessage.Unmap call);

  /**
   * Answered by {@code Mapped}; refused with {@code ALREADY_MAPPED} if a part of the range is, and
   * with {@code OUT_OF_RANGE} if the page table does not reach it. Only a domain of the IOMMU API
   * hears it; its mappings are taken back by {@link #unmap}.
   */
  default void iommuMap(DomainMessage.IommuMap call) {
    throw new IllegalStateException(
        "a domain of the DMA API finds addresses itself, so it is asked no " + call);
  }

  /** Answered by {@code Synced}, never refused. */
  void syncForCpu(DomainMessage.SyncForCpu call);

  /** Answered by {@code Synced}, never refused. */
  void syncForDevice(DomainMessage.SyncForDevice call);
}
