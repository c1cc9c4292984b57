package dev.mapstorm.load.trace;

/**
 * What stands before the body of a trace line: task, CPU, flags, timestamp and event name. Reads
 * the three forms
 *
 * <pre>
 * comm-pid [cpu] flags seconds.fraction: event: body         ftrace, trace-cmd report
 * comm-pid [cpu] seconds.fraction: event: body               trace-cmd report
 * comm pid [cpu] seconds.fraction: group:event: body         perf script
 * </pre>
 *
 * where {@code comm} may hold anything, a dash or a bracket included: the CPU is the first bracket
 * with a number that a task id precedes and a timestamp follows. A thread-group id in parentheses
 * before the CPU, and {@code pid/tid}, are accepted. Reusable; not thread safe.
 */
final class LineHeader {
  private static final int NANO_DIGITS = 9;

  private String text = "";
  private int at;
  private int pid;
  private int cpu;
  private ExecutionLevel level = ExecutionLevel.PROCESS;
  private long timeNs;
  private String event = "";

  /**
   * Reads the header of a line.
   *
   * @return false if the line has none
   */
  boolean parse(String line) {
    text = line;
    for (int open = line.indexOf('['); open > 0; open = line.indexOf('[', open + 1)) {
      if (parseTask(open) && parseCpu(open) && parseFlagsAndTime()) {
        parseEvent();
        return true;
      }
    }
    return false;
  }

  /** Task that ran, 0 for idle. */
  int pid() {
    return pid;
  }

  /** The CPU. */
  int cpu() {
    return cpu;
  }

  /** What it executed; {@code PROCESS} without a flags column. */
  ExecutionLevel level() {
    return level;
  }

  /** Timestamp in nanoseconds. */
  long timeNs() {
    return timeNs;
  }

  /** Name of the event with its group if the line has one, without the final colon. */
  String event() {
    return event;
  }

  /** Where the body begins. */
  int bodyStart() {
    return at;
  }

  private boolean parseTask(int open) {
    int end = trimmed(open);
    if (end > 0 && text.charAt(end - 1) == ')') {
      end = trimmed(Math.max(text.lastIndexOf('(', end), 0));
    }
    int first = end;
    while (first > 0 && BodyCursor.isDigit(text.charAt(first - 1))) {
      first--;
    }
    boolean separated =
        first > 0 && (text.charAt(first - 1) == '-' || " \t/".indexOf(text.charAt(first - 1)) >= 0);
    if (!separated || first == end || end - first > 9) {
      return false;
    }
    pid = Integer.parseInt(text, first, end, 10);
    return true;
  }

  private int trimmed(int end) {
    int to = end;
    while (to > 0 && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return to;
  }

  private boolean parseCpu(int open) {
    at = open + 1;
    int value = 0;
    while (at < text.length() && BodyCursor.isDigit(text.charAt(at)) && at - open <= 6) {
      value = value * 10 + text.charAt(at) - '0';
      at++;
    }
    if (at == open + 1 || at >= text.length() || text.charAt(at) != ']') {
      return false;
    }
    at++;
    cpu = value;
    return true;
  }

  private boolean parseFlagsAndTime() {
    level = ExecutionLevel.PROCESS;
    skipSpaces();
    if (parseTime()) {
      return true;
    }
    int first = at;
    while (at < text.length() && !isSpace(text.charAt(at))) {
      at++;
    }
    switch (at - first) {
      case 4, 5 -> level = ExecutionLevel.ofFlag(text.charAt(first + 2));
      // PREEMPT_RT has need-resched-lazy before the interrupt flag.
      case 7 -> level = ExecutionLevel.ofFlag(text.charAt(first + 3));
      default -> {
        return false;
      }
    }
    skipSpaces();
    return parseTime();
  }

  private boolean parseTime() {
    int i = at;
    long ns = 0;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i)) && i - at <= 9) {
      ns = ns * 10 + text.charAt(i) - '0';
      i++;
    }
    if (i == at || i >= text.length() || text.charAt(i) != '.') {
      return false;
    }
    int fraction = ++i;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i)) && i - fraction < NANO_DIGITS) {
      ns = ns * 10 + text.charAt(i) - '0';
      i++;
    }
    if (i == fraction || i >= text.length() || text.charAt(i) != ':') {
      return false;
    }
    for (int digits = i - fraction; digits < NANO_DIGITS; digits++) {
      ns *= 10;
    }
    timeNs = ns;
    at = i + 1;
    return true;
  }

  private void parseEvent() {
    skipSpaces();
    int first = at;
    // "<stack trace>" is the one name with a space.
    at = text.startsWith("<", first) ? Math.max(text.indexOf('>', first), first) : first;
    while (at < text.length() && !isSpace(text.charAt(at))) {
      at++;
    }
    int last = at > first && text.charAt(at - 1) == ':' ? at - 1 : at;
    event = text.substring(first, last);
    skipSpaces();
  }

  private void skipSpaces() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
