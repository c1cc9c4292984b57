package dev.mapstorm.load.export.ftrace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lines as {@code /sys/kernel/tracing/trace} shows them, with nanoseconds in the timestamp. Not
 * thread-safe.
 */
final class FtraceLines {
  private static final String HEADER =
      """
      # tracer: nop
      #
      #                                _-----=> irqs-off/BH-disabled
      #                               / _----=> need-resched
      #                              | / _---=> hardirq/softirq
      #                              || / _--=> preempt-depth
      #                              ||| / _-=> migrate-disable
      #                              |||| /     delay
      #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
      #              | |         |   |||||     |         |
      """;
  private static final int NAME_WIDTH = 16;
  private static final int LONGEST_NAME = 15;
  private static final int PID_WIDTH = 7;
  private static final int SECONDS_WIDTH = 5;
  private static final int NANO_DIGITS = 9;
  private static final int CPU_DIGITS = 3;
  private static final long SECOND = 1_000_000_000L;
  private static final int FLUSH_AT = 1 << 14;

  /** What a CPU was executing when it logged a line. */
  enum Level {
    /** A task. */
    TASK("....."),
    /** A task that holds a spin lock with interrupts off. */
    LOCKED_TASK("d..2."),
    /** A softirq. */
    SOFTIRQ("..s1."),
    /** A softirq that holds a spin lock with interrupts off. */
    LOCKED_SOFTIRQ("d.s2."),
    /** A hard interrupt. */
    HARDIRQ("d.h1.");

    private final String flags;

    Level(String flags) {
      this.flags = flags;
    }
  }

  private final OutputStream out;
  private final StringBuilder text = new StringBuilder(HEADER);
  private long lines;

  /** Writes to {@code out}, which is not closed. */
  FtraceLines(OutputStream out) {
    this.out = out;
  }

  /** Lines of events begun. */
  long lines() {
    return lines;
  }

  /**
   * Begins a line, up to the event's name and the colon behind it.
   *
   * @param task its name, cut off where the kernel would
   * @param pid number of the task
   */
  FtraceLines begin(long t, int cpu, String task, int pid, Level level, String event) {
    int length = Math.min(task.length(), LONGEST_NAME);
    pad(' ', NAME_WIDTH - length);
    text.append(task, 0, length).append('-');
    int before = text.length();
    text.append(pid);
    pad(' ', PID_WIDTH - (text.length() - before));
    text.append(" [");
    zeros(cpu, CPU_DIGITS);
    text.append("] ").append(level.flags).append(' ');
    pad(' ', SECONDS_WIDTH - Long.toString(t / SECOND).length());
    text.append(t / SECOND).append('.');
    zeros(t % SECOND, NANO_DIGITS);
    text.append(": ").append(event).append(": ");
    lines++;
    return this;
  }

  /** Appends text. */
  FtraceLines put(String words) {
    text.append(words);
    return this;
  }

  /** Appends a decimal number ({@code %zu}, {@code %d}). */
  FtraceLines decimal(long value) {
    text.append(value);
    return this;
  }

  /** Appends a hexadecimal number ({@code %llx}). */
  FtraceLines hex(long value) {
    text.append(Long.toHexString(value));
    return this;
  }

  /** Appends a hexadecimal number ({@code 0x%llx}). */
  FtraceLines hex0x(long value) {
    return put("0x").hex(value);
  }

  /** Appends a hexadecimal number ({@code 0x%016llx}). */
  FtraceLines address(long value) {
    String digits = Long.toHexString(value);
    text.append("0x");
    pad('0', 16 - digits.length());
    text.append(digits);
    return this;
  }

  /** Ends the line. */
  void end() throws IOException {
    text.append('\n');
    if (text.length() >= FLUSH_AT) {
      flush();
    }
  }

  /** Writes out what is buffered. */
  void flush() throws IOException {
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    text.setLength(0);
  }

  private void zeros(long value, int width) {
    pad('0', width - Long.toString(value).length());
    text.append(value);
  }

  private void pad(char with, int count) {
    for (int i = 0; i < count; i++) {
      text.append(with);
    }
  }
}
