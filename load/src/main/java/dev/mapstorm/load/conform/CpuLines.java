package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.ExecutionLevel;
import dev.mapstorm.load.trace.TraceLine;

/**
 * What a CPU logged last, by execution level: from which line on an act may have taken place that a
 * line reports. Not thread safe.
 */
final class CpuLines {
  private final long[] lastLine = new long[ExecutionLevel.values().length];
  private int pid = Operation.UNKNOWN;
  private long lastAny;
  private long otherTask;

  /** A line is about to be looked at: a line of another task closes the windows before it. */
  void begin(TraceLine line) {
    if (pid != line.pid()) {
      otherTask = lastAny;
      pid = line.pid();
    }
  }

  /** The last line that was logged by the context of a line or by what it had interrupted. */
  long before(TraceLine line) {
    long last = otherTask;
    for (int level = 0; level <= line.level().ordinal(); level++) {
      last = Math.max(last, lastLine[level]);
    }
    return last;
  }

  /** A line was looked at. */
  void end(TraceLine line) {
    lastLine[line.level().ordinal()] = line.number();
    lastAny = line.number();
  }
}
