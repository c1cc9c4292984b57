package dev.mapstorm.protocol.event;

import java.util.Arrays;

/** Where the arguments of the events of each kind start in an {@link EventWords}. */
final class EventPositions {
  private final int[][] firsts = new int[EventKind.CODES][16];
  private final int[] counts = new int[EventKind.CODES];

  void clear() {
    Arrays.fill(counts, 0);
  }

  void add(int code, int first) {
    int n = counts[code]++;
    if (n == firsts[code].length) {
      firsts[code] = Arrays.copyOf(firsts[code], 2 * n);
    }
    firsts[code][n] = first;
  }

  /** Events of a kind. */
  int count(int code) {
    return counts[code];
  }

  /** Their positions, in event order, as many as {@link #count}. */
  int[] firsts(int code) {
    return firsts[code];
  }
}
