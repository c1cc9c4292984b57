package dev.mapstorm.load.trace;

/**
 * One event of a kernel trace.
 *
 * @param number line of the file, from 1; of a line that was wrapped, the first
 * @param timeNs timestamp on the clock of the trace, in nanoseconds; ticks where {@link
 *     ReadingNotes#clock} says so
 * @param cpu CPU that logged it; 0 where the form has none, see {@link ReadingNotes#withoutCpu}
 * @param pid task that ran on this CPU, 0 for the idle task; for an interrupt, the task it hit
 * @param task name of that task, as the trace has it; empty where the form has none
 * @param level what the CPU was executing
 * @param event what was logged
 */
public record TraceLine(
    long number,
    long timeNs,
    int cpu,
    int pid,
    String task,
    ExecutionLevel level,
    TraceEvent event) {

  /** Whether the line has a time of its own, not that of the line before. */
  public boolean timed() {
    return !(event instanceof TraceEvent.Lost)
        && !(event instanceof TraceEvent.IoPageFault fault && !fault.timed());
  }
}
