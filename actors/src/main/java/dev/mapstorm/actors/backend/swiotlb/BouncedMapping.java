package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.model.swiotlb.BounceBuffer;
import dev.mapstorm.actors.model.swiotlb.LinearBatch;
import dev.mapstorm.protocol.Direction;
import java.util.Arrays;

/**
 * What a client has mapped: buffers, each by itself with a bounce or without, or a batch in one
 * bounce. Used again for later mappings; not thread-safe.
 */
final class BouncedMapping {
  /** The call that made it, which names it in events. */
  long id;

  Direction direction = Direction.BIDIRECTIONAL;

  /** Whether it is coherent memory, of which nothing is copied. */
  boolean coherent;

  /** The vectors of a batch. */
  final LinearBatch batch = new LinearBatch();

  private long[] phys = new long[2];
  private long[] length = new long[2];
  private long[] address = new long[2];
  private boolean[] bounced = new boolean[2];
  private BounceBuffer[] bounces = new BounceBuffer[2];
  private int buffers;

  void begin(long call) {
    id = call;
    coherent = false;
    buffers = 0;
  }

  /** Adds a buffer that is to be mapped. */
  void add(long at, long bytes) {
    if (buffers == phys.length) {
      phys = Arrays.copyOf(phys, 2 * buffers);
      length = Arrays.copyOf(length, 2 * buffers);
      address = Arrays.copyOf(address, 2 * buffers);
      bounced = Arrays.copyOf(bounced, 2 * buffers);
      bounces = Arrays.copyOf(bounces, 2 * buffers);
    }
    phys[buffers] = at;
    length[buffers] = bytes;
    address[buffers] = at;
    bounced[buffers++] = false;
  }

  /** Takes its slots for its only buffer: a batch that was linearised, or coherent memory. */
  void bouncedWhole(BounceBuffer whole, long bytes) {
    buffers = 0;
    add(whole.phys(), bytes);
    bounces[0] = whole;
    bounced(0);
  }

  /**
   * The buffer whose bytes the device has at an address.
   *
   * @throws IllegalArgumentException if none begins there
   */
  int at(long first) {
    for (int i = 0; i < buffers; i++) {
      if (address[i] == first) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "mapping %d has no buffer at address 0x%x".formatted(id, first));
  }

  int buffers() {
    return buffers;
  }

  long phys(int buffer) {
    return phys[buffer];
  }

  long length(int buffer) {
    return length[buffer];
  }

  /** The slots of a buffer; they mean nothing before {@link #bounced}. */
  BounceBuffer bounce(int buffer) {
    if (bounces[buffer] == null) {
      bounces[buffer] = new BounceBuffer();
    }
    return bounces[buffer];
  }

  /** The slots of a buffer were taken. */
  void bounced(int buffer) {
    bounced[buffer] = true;
    address[buffer] = bounces[buffer].address();
  }

  boolean isBounced(int buffer) {
    return bounced[buffer];
  }

  /** Address and length of each buffer as the device sees it, as pairs. */
  long[] vectors() {
    long[] vectors = new long[2 * buffers];
    for (int i = 0; i < buffers; i++) {
      vectors[2 * i] = address[i];
      vectors[2 * i + 1] = length[i];
    }
    return vectors;
  }
}
