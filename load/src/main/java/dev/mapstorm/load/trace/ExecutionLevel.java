package dev.mapstorm.load.trace;

/**
 * What a CPU was executing when it logged a line, from the flags column of ftrace ({@code
 * Documentation/trace/ftrace.rst}). The order of the constants is the order of nesting: only a
 * higher level can interrupt a lower one on the same CPU.
 */
public enum ExecutionLevel {
  /** A task, or a line without a flags column. */
  PROCESS,
  /** A softirq ({@code s}). */
  SOFTIRQ,
  /** A hard interrupt, whether it hit a task ({@code h}) or a softirq ({@code H}). */
  HARDIRQ,
  /** A non-maskable interrupt ({@code z}, {@code Z}). */
  NMI;

  /**
   * Reads the third flag of a line.
   *
   * @param flag the flag character
   * @return the level it stands for; any other character is a task
   */
  static ExecutionLevel ofFlag(char flag) {
    return switch (flag) {
      case 's' -> SOFTIRQ;
      case 'h', 'H' -> HARDIRQ;
      case 'z', 'Z' -> NMI;
      default -> PROCESS;
    };
  }
}
