package dev.mapstorm.protocol.event;

import java.util.Arrays;

/**
 * Turns the values of a column into the numbers that stand for them in a batch, and back, in place.
 * Nothing is remembered from one column to the next. Not thread-safe.
 */
final class ColumnTransform {
  /** Keys that share a slot cost bytes and nothing else. */
  private static final int SLOTS = 1024;

  private static final int SUCCESSOR_BITS = 13;

  private final long[] last = new long[SLOTS];
  private final long[] successor = new long[1 << SUCCESSOR_BITS];

  /** Replaces the first {@code n} values by what stands for them. */
  void toCodes(Column.Mode mode, long[] keys, long[] values, int n) {
    switch (mode) {
      case PLAIN -> {}
      case DELTA -> toDeltas(keys, values, n);
      case PREDICTED -> toPredicted(keys, values, n);
    }
  }

  /** The inverse of {@link #toCodes}. */
  void toValues(Column.Mode mode, long[] keys, long[] codes, int n) {
    switch (mode) {
      case PLAIN -> {}
      case DELTA -> fromDeltas(keys, codes, n);
      case PREDICTED -> fromPredicted(keys, codes, n);
    }
  }

  private void toDeltas(long[] keys, long[] values, int n) {
    Arrays.fill(last, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = values[j];
      values[j] = zigzag(value - last[slot]);
      last[slot] = value;
    }
  }

  private void fromDeltas(long[] keys, long[] codes, int n) {
    Arrays.fill(last, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = last[slot] + unzigzag(codes[j]);
      codes[j] = value;
      last[slot] = value;
    }
  }

  private void toPredicted(long[] keys, long[] values, int n) {
    Arrays.fill(last, 0);
    Arrays.fill(successor, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = values[j];
      int guess = guess(last[slot]);
      values[j] = successor[guess] == value ? 0 : 1 + zigzag(value - last[slot]);
      successor[guess] = value;
      last[slot] = value;
    }
  }

  private void fromPredicted(long[] keys, long[] codes, int n) {
    Arrays.fill(last, 0);
    Arrays.fill(successor, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      int guess = guess(last[slot]);
      long value = codes[j] == 0 ? successor[guess] : last[slot] + unzigzag(codes[j] - 1);
      codes[j] = value;
      successor[guess] = value;
      last[slot] = value;
    }
  }

  private static int slot(long key) {
    return (int) (key & (SLOTS - 1));
  }

  private static int guess(long before) {
    return (int) ((before * 0x9E3779B97F4A7C15L) >>> (64 - SUCCESSOR_BITS));
  }

  private static long zigzag(long v) {
    return (v << 1) ^ (v >> 63);
  }

  private static long unzigzag(long v) {
    return (v >>> 1) ^ -(v & 1);
  }
}
