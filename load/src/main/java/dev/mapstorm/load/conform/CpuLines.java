package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.ExecutionLevel;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceLine;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Which lines each CPU logged last at which level, so that an act can be placed: what a context
 * does before one of its lines came after the last line of its CPU that was not logged by an
 * interrupt of it. Not thread safe.
 */
final class CpuLines {
  private static final int LEVELS = ExecutionLevel.values().length;

  private static final class Cpu {
    final long[] lastLine = new long[LEVELS];
    final List<Operation> waiting = new ArrayList<>();
  }

  private final List<Cpu> cpus = new ArrayList<>();

  /** One more than the highest CPU so far. */
  int cpus() {
    return cpus.size();
  }

  /**
   * A line is about to be taken: operations that waited for the next line of their context are
   * over, if it is of their level or of what that had interrupted. The lines of the operation's own
   * invalidation do not count.
   */
  void before(TraceLine line) {
    int level = line.level().ordinal();
    boolean invalidates = isInvalidation(line.event());
    for (Iterator<Operation> all = cpu(line.cpu()).waiting.iterator(); all.hasNext(); ) {
      Operation operation = all.next();
      boolean inside = operation.level < level || (operation.level == level && invalidates);
      if (!inside) {
        operation.closes = line.number();
        all.remove();
      }
    }
  }

  /** A line was taken. */
  void after(TraceLine line) {
    cpu(line.cpu()).lastLine[line.level().ordinal()] = line.number();
  }

  /** The last line of a CPU that was logged by this context or by what it had interrupted. */
  long lastOutside(TraceLine line) {
    long last = 0;
    for (int level = 0; level <= line.level().ordinal(); level++) {
      last = Math.max(last, cpu(line.cpu()).lastLine[level]);
    }
    return last;
  }

  /** Has an operation end at the next line of its context. */
  void closeAtNext(Operation operation) {
    cpu(operation.cpu).waiting.add(operation);
  }

  private Cpu cpu(int number) {
    while (cpus.size() <= number) {
      cpus.add(new Cpu());
    }
    return cpus.get(number);
  }

  private static boolean isInvalidation(TraceEvent event) {
    return event instanceof TraceEvent.CacheTagFlushRange
        || event instanceof TraceEvent.CacheTagFlushAll
        || event instanceof TraceEvent.QiSubmit;
  }
}
