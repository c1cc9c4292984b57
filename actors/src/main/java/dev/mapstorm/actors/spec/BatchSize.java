package dev.mapstorm.actors.spec;

/**
 * When a batch is full.
 *
 * @param bytes of IOVA space that it starts with at most; the next range always fits
 * @param vectors ranges that it takes at most, at least 1
 */
public record BatchSize(long bytes, int vectors) {
  /** Vectors of a batch without a limit of them. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** Refuses what holds nothing. */
  public BatchSize {
    if (bytes < 1 || vectors < 1) {
      throw new IllegalArgumentException(
          "a batch must hold at least 1 byte and 1 vector, holds %d and %d"
              .formatted(bytes, vectors));
    }
  }

  /** One that so many bytes of IOVA space limit alone. */
  public static BatchSize ofBytes(long bytes) {
    return new BatchSize(bytes, UNLIMITED);
  }
}
