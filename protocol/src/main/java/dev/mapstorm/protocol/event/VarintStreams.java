package dev.mapstorm.protocol.event;

import java.util.Arrays;

/**
 * Reads the streams of a payload, one behind the other. Whatever does not fit is refused with a
 * {@link DamagedBatchException}. Not thread-safe.
 */
final class VarintStreams {
  private static final int LAST_SHIFT = 63;

  private byte[] payload = new byte[0];
  private int at;

  /** Stands before the first stream of {@code payload}. */
  void reset(byte[] payload) {
    this.payload = payload;
    at = 0;
  }

  /**
   * Refuses the next stream unless it can hold {@code n} numbers without repeating, so that {@code
   * n} is no more than the payload has bytes.
   */
  void require(long n) {
    int here = at;
    long header = number(payload.length);
    if ((header & 1) != 0 || n < 0 || n > header >>> 1 || n > payload.length - at) {
      throw new DamagedBatchException(
          "the stream at byte " + here + " cannot hold the " + n + " numbers that it should");
    }
    at = here;
  }

  /** Reads the next stream, {@code n} numbers, into {@code values}. */
  void read(long[] values, int n) {
    int start = at;
    long header = number(payload.length);
    long size = header >>> 1;
    if (size > payload.length - at) {
      throw new DamagedBatchException(
          "a stream of " + size + " bytes at byte " + start + " does not fit the payload");
    }
    int end = at + (int) size;
    if ((header & 1) != 0) {
      readRuns(values, n, end);
    } else {
      readAll(values, n, end);
    }
    if (at != end) {
      throw new DamagedBatchException(
          "the stream at byte " + start + " has " + (end - at) + " bytes more than its numbers");
    }
  }

  /** Refuses bytes behind the last stream. */
  void close() {
    if (at != payload.length) {
      throw new DamagedBatchException((payload.length - at) + " bytes follow the last stream");
    }
  }

  private void readRuns(long[] values, int n, int end) {
    int i = 0;
    do {
      long number = number(end);
      long more = at == end ? n - i - 1L : number(end);
      if (more < 0 || more >= n - i) {
        throw new DamagedBatchException("a run ends after its stream, at byte " + at);
      }
      int next = i + (int) more + 1;
      Arrays.fill(values, i, next, number);
      i = next;
    } while (i < n);
  }

  private void readAll(long[] values, int n, int end) {
    byte[] b = payload;
    for (int i = 0; i < n; i++) {
      if (at < end && b[at] >= 0) {
        values[i] = b[at++];
      } else {
        values[i] = number(end);
      }
    }
  }

  private long number(int end) {
    long value = 0;
    for (int shift = 0; at < end && shift <= LAST_SHIFT; shift += 7) {
      byte b = payload[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new DamagedBatchException("a number ends early or is too long, at byte " + at);
  }
}
