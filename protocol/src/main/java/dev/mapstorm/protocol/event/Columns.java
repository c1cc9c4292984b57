package dev.mapstorm.protocol.event;

/** The columns of one kind side by side, while they are coded. The arrays are kept and reused. */
final class Columns {
  /** Arguments of the kind that has most. */
  private static final int MOST = 12;

  private final long[][] columns = new long[MOST][];
  private int capacity;

  Columns() {
    reserve(1024);
  }

  /** Makes room for {@code n} values in every column; the values are lost. */
  void reserve(int n) {
    if (n > capacity) {
      capacity = Math.max(n, 2 * capacity);
      for (int i = 0; i < MOST; i++) {
        columns[i] = new long[capacity];
      }
    }
  }

  long[] get(int i) {
    return columns[i];
  }
}
