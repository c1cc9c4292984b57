package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.protocol.Direction;
import java.util.Arrays;

/** A request that was asked for: its ranges, and how many of them are mapped. Not thread-safe. */
final class AskedRequest {
  private final Direction direction;
  private final long[] phys;
  private final int[] length;
  private int next;
  private int first;

  AskedRequest(Direction direction, long[] phys, int[] length) {
    this.direction = direction;
    this.phys = phys;
    this.length = length;
  }

  /** Direction of the transfer. */
  Direction direction() {
    return direction;
  }

  /** Takes the next ranges, as many as a mapping of {@code bytes} covers. */
  void take(long bytes) {
    first = next;
    long left = bytes;
    while (left > 0 && next < phys.length) {
      left -= length[next++];
    }
  }

  /** Physical start of each range that was taken last. */
  long[] phys() {
    return Arrays.copyOfRange(phys, first, next);
  }

  /** Bytes of each range that was taken last. */
  int[] length() {
    return Arrays.copyOfRange(length, first, next);
  }
}
