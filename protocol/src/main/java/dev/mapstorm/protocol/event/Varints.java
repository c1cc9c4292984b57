package dev.mapstorm.protocol.event;

import java.util.Arrays;

/** A growing run of base-128 varints, low group first. Not thread-safe. */
final class Varints {
  private byte[] bytes;
  private int size;

  Varints(int capacity) {
    bytes = new byte[capacity];
  }

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  byte[] bytes() {
    return bytes;
  }

  void put(long value) {
    if (size + 10 > bytes.length) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    long v = value;
    int p = size;
    while ((v & ~0x7fL) != 0) {
      bytes[p++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    bytes[p++] = (byte) v;
    size = p;
  }

  void put(Varints other) {
    put(other.size);
    if (size + other.size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + other.size));
    }
    System.arraycopy(other.bytes, 0, bytes, size, other.size);
    size += other.size;
  }
}
