package dev.mapstorm.actors.model.twostep;

/**
 * A batch of the two-step calls: {@code struct dma_iova_state}. Made once and used again; {@link
 * TwoStepCalls#tryAlloc} begins it. Not thread safe.
 */
public final class IovaState {
  long addr;
  long size;
  boolean bounced;

  /** Address of the batch's first byte; 0 if nothing is allocated. */
  public long addr() {
    return addr;
  }

  /** {@code dma_iova_size}: bytes that were asked for; 0 if nothing is allocated. */
  public long size() {
    return size;
  }

  /**
   * Takes over a batch whose IOVA was allocated elsewhere.
   *
   * @param first address of its first byte
   * @param bytes asked for
   */
  public void begin(long first, long bytes) {
    addr = first;
    size = bytes;
    bounced = false;
  }
}
