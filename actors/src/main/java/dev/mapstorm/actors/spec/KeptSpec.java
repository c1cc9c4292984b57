package dev.mapstorm.actors.spec;

/**
 * Buffers that a client maps when the run begins and keeps mapped until its end, as page_pool and
 * registered memory are.
 *
 * @param bufferBytes of one buffer
 * @param synced whether the driver calls {@code dma_sync_*} around each transfer, as users of
 *     page_pool do; owners of registered memory do not
 */
public record KeptSpec(int bufferBytes, boolean synced) {}
