package dev.mapstorm.protocol;

/**
 * A physical range, the input of a DMA mapping: {@code phyr} of the {@code dma_batch} proposal
 * (linux-mm, 2023-10-20).
 *
 * @param start physical address in bytes, not negative
 * @param length bytes, at least 1
 */
public record Phyr(long start, int length) {
  /** Refuses ranges that no memory has. */
  public Phyr {
    if (start < 0 || length < 1) {
      throw new IllegalArgumentException(
          "phyr 0x%x+%d: start must not be negative, length at least 1".formatted(start, length));
    }
  }
}
