package dev.mapstorm.protocol.event;

/** Where the arguments of the events of each kind start in an {@link EventWords}. */
final class EventPositions {
  private final int[] starts = new int[EventKind.CODES];
  private final int[] ends = new int[EventKind.CODES];
  private int[] firsts = new int[1024];

  /** Forgets all positions and makes room for so many of each kind. */
  void reset(int[] counts) {
    int total = 0;
    for (int code = 0; code < EventKind.CODES; code++) {
      starts[code] = total;
      ends[code] = total;
      total += counts[code];
    }
    if (total > firsts.length) {
      firsts = new int[Math.max(total, 2 * firsts.length)];
    }
  }

  void add(int code, int first) {
    firsts[ends[code]++] = first;
  }

  /** All positions, those of a kind together and in event order. */
  int[] all() {
    return firsts;
  }

  /** Index of the first position of a kind. */
  int start(int code) {
    return starts[code];
  }
}
