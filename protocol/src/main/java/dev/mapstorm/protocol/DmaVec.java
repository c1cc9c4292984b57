package dev.mapstorm.protocol;

/**
 * A range of DMA addresses, the answer of a mapping: {@code dma_vec} of the {@code dma_batch}
 * proposal (linux-mm, 2023-10-20).
 *
 * @param address DMA address in bytes as the device uses it
 * @param length bytes, at least 1
 */
public record DmaVec(long address, int length) {}
