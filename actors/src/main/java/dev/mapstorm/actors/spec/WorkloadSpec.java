package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.Direction;

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
 */
public record WorkloadSpec(
    int bytes, int segmentBytes, int readPercent, int buffers, int offset, KeptSpec kept) {

  /** Requests that each map and unmap their memory. */
  public WorkloadSpec(int bytes, int segmentBytes, int readPercent, int buffers, int offset) {
    this(bytes, segmentBytes, readPercent, buffers, offset, null);
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

  /** Requests that fit a buffer one after the other. */
  public int requestsInBuffer() {
    return mappedBytes() / bytes;
  }
}
