package dev.mapstorm.actors.spec;

/**
 * Buffers that a client maps when the run begins and keeps mapped, as page_pool, registered memory
 * and descriptors of a receive ring are.
 *
 * @param bufferBytes of one buffer
 * @param synced whether the driver calls {@code dma_sync_*} around each transfer, as users of
 *     page_pool do; owners of registered memory do not
 * @param rounds how often each part of a buffer is used before the buffer is unmapped and another
 *     one is mapped in its place; 0 keeps it to the end of the run
 */
public record KeptSpec(int bufferBytes, boolean synced, int rounds) {
  /** Buffers that are kept to the end of the run. */
  public KeptSpec(int bufferBytes, boolean synced) {
    this(bufferBytes, synced, 0);
  }
}
