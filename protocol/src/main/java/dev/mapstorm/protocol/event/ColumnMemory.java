package dev.mapstorm.protocol.event;

import java.util.Arrays;

/**
 * What the column codec remembers within one batch: the last value of each context and slot, and
 * which physical granule followed which. Encoder and decoder walk the events in the same order and
 * so hold the same memory. It is forgotten at every batch, so a batch can be read alone.
 */
final class ColumnMemory {
  private static final int SLOTS = 1024;
  private static final int SUCCESSORS = 1 << 14;

  private final long[] last = new long[Column.Context.values().length * SLOTS];
  private final long[] successor = new long[SUCCESSORS];

  void forget() {
    Arrays.fill(last, 0);
    Arrays.fill(successor, 0);
  }

  /** What stands for {@code value} in the stream. */
  long code(Column column, long key, long value) {
    return switch (column.mode()) {
      case PLAIN -> value;
      case DELTA -> {
        int slot = slot(column, key);
        long coded = zigzag(value - last[slot]);
        last[slot] = value;
        yield coded;
      }
      case PREDICTED -> {
        int slot = slot(column, key);
        long before = last[slot];
        last[slot] = value;
        int guess = guess(before);
        if (successor[guess] == value) {
          yield 0;
        }
        successor[guess] = value;
        yield 1 + zigzag(value - before);
      }
    };
  }

  /** The inverse of {@link #code}. */
  long value(Column column, long key, long coded) {
    return switch (column.mode()) {
      case PLAIN -> coded;
      case DELTA -> {
        int slot = slot(column, key);
        yield last[slot] += unzigzag(coded);
      }
      case PREDICTED -> {
        int slot = slot(column, key);
        long before = last[slot];
        int guess = guess(before);
        long value = coded == 0 ? successor[guess] : before + unzigzag(coded - 1);
        successor[guess] = value;
        last[slot] = value;
        yield value;
      }
    };
  }

  private static int slot(Column column, long key) {
    return column.context().ordinal() * SLOTS + (int) (key & (SLOTS - 1));
  }

  private static int guess(long before) {
    return (int) ((before * 0x9E3779B97F4A7C15L) >>> 50);
  }

  private static long zigzag(long v) {
    return (v << 1) ^ (v >> 63);
  }

  private static long unzigzag(long v) {
    return (v >>> 1) ^ -(v & 1);
  }
}
