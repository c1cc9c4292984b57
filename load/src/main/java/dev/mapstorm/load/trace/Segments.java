package dev.mapstorm.load.trace;

import java.util.Arrays;

/**
 * Physical segments as a request holds them: none above 1 GiB. Longer ones become several that
 * follow each other.
 *
 * @param phys physical start of each
 * @param len bytes of each
 */
record Segments(long[] phys, int[] len) {
  private static final long MOST = 1L << 30;

  /** Of these starts and bytes, each at least 1. */
  static Segments of(long[] starts, long[] bytes) {
    int n = 0;
    for (long each : bytes) {
      n = Math.toIntExact(n + (each - 1) / MOST + 1);
    }
    long[] phys = new long[n];
    int[] len = new int[n];
    int at = 0;
    for (int i = 0; i < bytes.length; i++) {
      for (long done = 0; done < bytes[i]; done += MOST) {
        phys[at] = starts[i] + done;
        len[at++] = (int) Math.min(MOST, bytes[i] - done);
      }
    }
    return new Segments(phys, len);
  }

  /** Whether no segment is without bytes. */
  static boolean hold(long... bytes) {
    return Arrays.stream(bytes).allMatch(each -> each > 0);
  }
}
