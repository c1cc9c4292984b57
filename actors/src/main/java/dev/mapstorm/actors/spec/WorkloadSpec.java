package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;

/**
 * What the requests of a synthetic client look like.
 *
 * @param bytes of a request
 * @param segmentBytes physically contiguous bytes in it; the buffer of a request is {@code bytes /
 *     segmentBytes} scattered pieces
 * @param readPercent how many of a hundred requests are reads ({@link Direction#FROM_DEVICE});
 *     chosen at random
 * @param buffers buffers that the client cycles through, as an application with a fixed pool does;
 *     0 takes fresh pages each time
 * @param offset of the first byte in its granule
 * @param kept how the client keeps its buffers mapped; null if each request maps its own
 * @param firstIova with the IOMMU API, the address of its first buffer: the others follow, each of
 *     as many whole granules as it may need
 */
public record WorkloadSpec(
    int bytes,
    int segmentBytes,
    int readPercent,
    int buffers,
    int offset,
    KeptSpec kept,
    long firstIova) {

  /** Requests that each map and unmap their memory. */
  public WorkloadSpec(int bytes, int segmentBytes, int readPercent, int buffers, int offset) {
    this(bytes, segmentBytes, readPercent, buffers, offset, null, 0);
  }

  /** Refuses to keep no buffer, or one that holds no request. */
  public WorkloadSpec {
    if (kept != null && (buffers < 1 || kept.bufferBytes() < bytes)) {
      throw new IllegalArgumentException("a client that keeps buffers needs one for a request");
    }
  }

  /** Bytes that are mapped at a time: those of a request, or of a kept buffer. */
  public int mappedBytes() {
    return kept == null ? bytes : kept.bufferBytes();
  }

  /** The same with the first buffer at another address. */
  public WorkloadSpec at(long iova) {
    return new WorkloadSpec(bytes, segmentBytes, readPercent, buffers, offset, kept, iova);
  }

  /** The address that the IOMMU API maps a buffer at, by its number. */
  public long iovaOf(int buffer) {
    return firstIova + buffer * (Granule.pages(mappedBytes()) << Granule.SHIFT);
  }

  /** Requests that fit a buffer one after the other. */
  public int requestsInBuffer() {
    return mappedBytes() / bytes;
  }
}
