package dev.mapstorm.load.conform;

import java.util.Arrays;

/** A growing list of integers. Not thread safe. */
final class IntList {
  private int[] values = new int[8];
  private int size;

  int size() {
    return size;
  }

  int get(int at) {
    return values[at];
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  /** Takes out the first that equals a value, if any does. */
  void remove(int value) {
    for (int i = 0; i < size; i++) {
      if (values[i] == value) {
        removeRange(i, i + 1);
        return;
      }
    }
  }

  void removeRange(int from, int to) {
    System.arraycopy(values, to, values, from, size - to);
    size -= to - from;
  }

  int[] firstOf(int count) {
    return Arrays.copyOf(values, count);
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }

  void set(int[] other) {
    if (values.length < other.length) {
      values = new int[other.length + 8];
    }
    System.arraycopy(other, 0, values, 0, other.length);
    size = other.length;
  }
}
