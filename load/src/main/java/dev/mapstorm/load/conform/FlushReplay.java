package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.flush.IovaReclaimer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The flush queue of one domain, driven by the lines of a trace.
 *
 * <p>Two orders are open. A range that is being queued while a flush starts may be queued before or
 * after. And while the timer reclaims the rings, in ascending order, a CPU that queues a range
 * reclaims its own ring first: who gets to it first is open for each ring. Each such {@link Choice}
 * is made by who allocates the ranges in question next, which is where they went unless they passed
 * through the depot, or the other way round if it is among the choices to turn. Not thread safe.
 */
final class FlushReplay {
  private static final int NONE = -1;

  /** A timer that is reclaiming the rings. */
  private static final class Timer {
    final Operation end;
    int ring;
    int awaited = NONE;
    int passed = NONE;

    Timer(Operation end) {
      this.end = end;
    }
  }

  private final FlushQueue queue;
  private final Schedule schedule;
  private final Set<Choice> turned;
  private final List<ArrayDeque<Operation>> rings = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private final List<Operation> queueing = new ArrayList<>();
  private final Map<Choice, long[]> choices = new LinkedHashMap<>();

  /**
   * An empty queue.
   *
   * @param cpus CPUs of the machine
   * @param schedule the operations that will come
   * @param turned choices to make the other way round
   * @param reclaimer is handed what is freed
   */
  FlushReplay(int cpus, Schedule schedule, Set<Choice> turned, IovaReclaimer reclaimer) {
    this.schedule = schedule;
    this.turned = turned;
    for (int cpu = 0; cpu < cpus; cpu++) {
      rings.add(new ArrayDeque<>());
    }
    queue =
        FlushQueue.perCpu(
            cpus,
            (cpu, pfn, pages, tablePages) -> {
              forget(pfn);
              reclaimer.reclaim(cpu, pfn, pages, tablePages);
            });
  }

  /** The choices made, in order, each with the first granules of the ranges that it concerns. */
  Map<Choice, long[]> choices() {
    return choices;
  }

  /** A range may be queued from here on. */
  void opens(Operation operation) {
    queueing.add(operation);
  }

  /** A range is queued ({@code queue_iova}). */
  void queue(Operation operation) {
    queueing.remove(operation);
    int ring = queue.ringOf(operation.cpu);
    queue.reclaim(ring, operation.cpu);
    queue.add(operation.cpu, operation.pfn, operation.pages, 0);
    rings.get(ring).addLast(operation);
    for (Timer timer : List.copyOf(timers)) {
      if (timer.awaited == ring) {
        timer.awaited = NONE;
        timer.passed = ring;
        advance(timer, false);
      }
    }
  }

  /**
   * A flush starts.
   *
   * @return ranges that are queued before it, to be queued by the caller first
   */
  List<Operation> queuedBefore(Operation start) {
    List<Operation> before = new ArrayList<>();
    for (Operation operation : queueing) {
      Choice choice = new Choice(operation.line, Choice.QUEUED_AT_FLUSH);
      choices.putIfAbsent(choice, new long[] {operation.pfn});
      boolean first = operation.nextCpu == Operation.UNKNOWN || operation.nextCpu == start.cpu;
      if (first != turned.contains(choice)) {
        before.add(operation);
      }
    }
    return before;
  }

  /** A flush starts, and what is queued before it was queued. */
  void flushStarted(Operation start) {
    if (!start.forced && queue.timerOn()) {
      queue.timerFired();
    }
    queue.flushStarted();
  }

  /** A flush is finished; the timer begins to reclaim. */
  void flushFinished(Operation end) {
    if (queue.flushesFinished() < queue.flushesStarted()) {
      queue.flushFinished();
    }
    if (!end.forced) {
      Timer timer = new Timer(end);
      timers.add(timer);
      advance(timer, false);
    }
  }

  /** The timer is done. */
  void timerOver(Operation end) {
    for (Timer timer : List.copyOf(timers)) {
      if (timer.end == end) {
        advance(timer, true);
        timers.remove(timer);
      }
    }
  }

  private void advance(Timer timer, boolean toTheEnd) {
    while (timer.ring < queue.rings()) {
      if (!toTheEnd && (timer.ring == timer.awaited || waits(timer))) {
        timer.awaited = timer.ring;
        return;
      }
      queue.reclaim(timer.ring, timer.end.cpu);
      timer.ring++;
    }
  }

  private boolean waits(Timer timer) {
    int ring = timer.ring;
    if (ring == timer.passed || rings.get(ring).isEmpty() || !isQueuedMeanwhile(ring, timer.end)) {
      return false;
    }
    Choice choice = new Choice(timer.end.line, ring);
    choices.putIfAbsent(
        choice, rings.get(ring).stream().mapToLong(operation -> operation.pfn).toArray());
    int balance = 0;
    for (Operation operation : rings.get(ring)) {
      balance += operation.nextCpu == ring ? 1 : 0;
      balance -= operation.nextCpu == timer.end.cpu ? 1 : 0;
    }
    return balance > 0 != turned.contains(choice);
  }

  private boolean isQueuedMeanwhile(int ring, Operation end) {
    for (Operation operation : queueing) {
      if (operation.cpu == ring) {
        return true;
      }
    }
    return schedule.queues(ring, end.line, end.closes);
  }

  private void forget(long pfn) {
    for (ArrayDeque<Operation> ring : rings) {
      if (!ring.isEmpty() && ring.peekFirst().pfn == pfn) {
        ring.removeFirst();
        return;
      }
    }
  }
}
