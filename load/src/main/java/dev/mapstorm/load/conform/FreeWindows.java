package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceLine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Up to which line a range may have been given back that an unmap's line names: the next line of
 * its context, or what comes 50 us later. Not thread safe.
 */
final class FreeWindows {
  private static final long ACT_NS = 50_000;

  private final Deque<Operation> recent = new ArrayDeque<>();

  /** A free whose end nothing says yet, in the order of lines. */
  void open(Operation free) {
    recent.addLast(free);
  }

  /** Closes what began so long before a line that it is over. */
  void pass(TraceLine line) {
    while (!recent.isEmpty()) {
      Operation first = recent.peekFirst();
      if (first.closes == Operation.NO_LINE && line.timeNs() <= first.timeNs + ACT_NS) {
        return;
      }
      closeAt(recent.removeFirst(), line.number());
    }
  }

  /** Closes what a context waits for, at its next line. */
  static void close(List<Operation> waiting, long line) {
    waiting.forEach(free -> closeAt(free, line));
    waiting.clear();
  }

  /** Closes what is still open when the trace ends. */
  static void closeRest(List<DmaCall> calls, long lastLine) {
    calls.forEach(call -> closeAt(call.operation(), lastLine + 1));
  }

  private static void closeAt(Operation free, long line) {
    if (free.closes == Operation.NO_LINE) {
      free.closes = line;
    }
  }
}
