package dev.mapstorm.load.explain;

import dev.mapstorm.load.trace.TraceLine;

/**
 * A line of the trace that mapped or unmapped something.
 *
 * @param line its number, from 1; 0 of what took place before the trace begins
 * @param timeNs its timestamp
 * @param cpu its CPU
 * @param pid its task
 * @param task the task's name; empty where the trace has none
 * @param event what was logged, such as {@code dma_alloc}
 */
public record Act(long line, long timeNs, int cpu, int pid, String task, String event) {
  /** A mapping that the trace does not hold, as it begins later. */
  static final Act BEFORE_THE_TRACE = new Act(0, 0, 0, 0, "", "before the trace begins");

  static Act of(TraceLine line, String event) {
    return new Act(line.number(), line.timeNs(), line.cpu(), line.pid(), line.task(), event);
  }

  /** The task as ftrace prints it: {@code kworker/u64:3-77}. */
  public String who() {
    return task.isEmpty() && pid == 0 ? "a task that the trace does not name" : task + "-" + pid;
  }
}
