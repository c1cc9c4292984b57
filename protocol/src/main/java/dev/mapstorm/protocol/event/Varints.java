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
   * Appends a column: its numbers behind twice their length in bytes; or, if that is shorter, runs
   * of equal numbers behind twice their length plus one: each run is its number and how many more
   * there are of it, but for the last one, which is its number alone.
   */
  void putColumn(long[] numbers, int n) {
    long plain = 0;
    long runs = 0;
    for (int i = 0; i < n; ) {
      int first = i;
      long number = numbers[i];
      do {
        i++;
      } while (i < n && numbers[i] == number);
      int bytes = bytes(number);
      plain += (long) bytes * (i - first);
      runs += bytes + (i < n ? bytes(i - first - 1) : 0);
    }
    if (runs < plain) {
      put(runs << 1 | 1);
      putRuns(numbers, n);
    } else {
      put(plain << 1);
      putAll(numbers, n);
    }
  }

  private void putRuns(long[] numbers, int n) {
    for (int i = 0; i < n; ) {
      int first = i;
      do {
        i++;
      } while (i < n && numbers[i] == numbers[first]);
      put(numbers[first]);
      if (i < n) {
        put(i - first - 1);
      }
    }
  }

  private static int bytes(long number) {
    return (number & ~0x7fL) == 0 ? 1 : (70 - Long.numberOfLeadingZeros(number)) / 7;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** Appends what another holds. */
  void append(Varints other) {
    append(other.bytes, other.size);
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
