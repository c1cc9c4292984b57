package dev.mapstorm.load.trace;

/**
 * One event of a kernel trace.
 *
 * @param number line of the file, from 1
 * @param timeNs timestamp on the clock of the trace, in nanoseconds
 * @param cpu CPU that logged it
 * @param pid task that ran on this CPU, 0 for the idle task; for an interrupt, the task it hit
 * @param level what the CPU was executing
 * @param event what was logged
 */
public record TraceLine(
    long number, long timeNs, int cpu, int pid, ExecutionLevel level, TraceEvent event) {}
