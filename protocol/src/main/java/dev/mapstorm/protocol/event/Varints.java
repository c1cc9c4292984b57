package dev.mapstorm.protocol.event;

import java.util.Arrays;

/** A growing run of base-128 varints, low group first. Not thread-safe. */
final class Varints {
  private static final int LONGEST = 10;

  private byte[] bytes = new byte[4096];
  private int size;

  void clear() {
    size = 0;
  }

  /** Appends one number; a negative one takes ten bytes. */
  void put(long value) {
    reserve(LONGEST);
    size = put(bytes, size, value);
  }

  /** Appends the first {@code n} of {@code values}. */
  void putAll(long[] values, int n) {
    reserve((long) n * LONGEST);
    byte[] b = bytes;
    int p = size;
    for (int i = 0; i < n; i++) {
      p = put(b, p, values[i]);
    }
    size = p;
  }

  /** Appends {@code stream} behind twice its length in bytes. */
  void putStream(Varints stream) {
    put((long) stream.size << 1);
    append(stream.bytes, stream.size);
  }

  /**
   * Like {@link #putStream}, but a number of one byte that only repeats is written once, behind 3.
   */
  void putColumn(Varints stream) {
    if (stream.repeats()) {
      put(3);
      append(stream.bytes, 1);
    } else {
      putStream(stream);
    }
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  private boolean repeats() {
    return size > 1 && bytes[0] >= 0 && Arrays.mismatch(bytes, 0, size - 1, bytes, 1, size) < 0;
  }

  private void append(byte[] from, int n) {
    reserve(n);
    System.arraycopy(from, 0, bytes, size, n);
    size += n;
  }

  private void reserve(long n) {
    if (size + n > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(bytes.length * 2L, size + n)));
    }
  }

  private static int put(byte[] b, int at, long value) {
    long v = value;
    int p = at;
    while ((v & ~0x7fL) != 0) {
      b[p++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    b[p++] = (byte) v;
    return p;
  }
}
