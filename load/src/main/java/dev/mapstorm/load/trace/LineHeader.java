package dev.mapstorm.load.trace;

/**
 * What stands before the body of a trace line: task, CPU, flags, timestamp and event name. Reads
 * the forms that ftrace, {@code trace-cmd report} and {@code perf script} print:
 *
 * <pre>
 * comm-pid [cpu] flags seconds.fraction: event: body           ftrace, trace_pipe
 * comm-pid [cpu] seconds.fraction: event: body                 trace-cmd report
 * comm-pid [cpu] flags seconds.fraction: (+2) event: body      trace-cmd report --ts-diff
 * comm-pid cpuflags seconds.fraction: event: body              trace-cmd report -l
 * comm-pid cpuflags microseconds us : event: body              latency-format, ftrace_dump_on_oops
 * comm pid [cpu] seconds.fraction: group:event: body           perf script
 * comm pid [cpu] seconds.fraction: period group:event: body    perf script -F +period
 * comm-pid [cpu] flags ticks: event: body                      trace_clock counter or x86-tsc
 * </pre>
 *
 * where {@code comm} may hold anything, a dash or a bracket included: the CPU is the first bracket
 * with a number that a task id precedes and a timestamp follows. A thread-group id in parentheses
 * before the CPU, and {@code pid/tid}, are accepted. Lines without such a header are for {@link
 * BareLine}. Reusable; not thread safe.
 */
final class LineHeader {
  private static final int NANO_DIGITS = 9;
  private static final long NANOS_PER_MICRO = 1_000;

  /** More digits than the seconds or ticks of any clock. */
  private static final int MOST_DIGITS = 19;

  private static final int MOST_CPU_DIGITS = 6;
  private static final int LONGEST_FLAGS = 8;

  /** What ftrace prints behind a latency-format time for a long distance to the line before. */
  private static final String DELAY_MARKS = "+!#*@$";

  private String text = "";
  private int at;
  private int pid;
  private int cpu;
  private int commEnd;
  private String task = "";
  private ExecutionLevel level = ExecutionLevel.PROCESS;
  private long time;
  private boolean ticks;
  private boolean relative;
  private String event = "";
  private boolean named;

  /**
   * Reads the header of a line.
   *
   * @return false if the line has none
   */
  boolean parse(String line) {
    text = line;
    for (int open = line.indexOf('['); open > 0; open = line.indexOf('[', open + 1)) {
      if (parseTask(open) && parseCpu(open) && parseFlagsAndTime()) {
        relative = false;
        takeTask();
        parseEvent();
        return true;
      }
    }
    return parseLatency();
  }

  /** Task that ran, 0 for idle. */
  int pid() {
    return pid;
  }

  /** The name of the task that ran, as far as the kernel kept it. */
  String task() {
    return task;
  }

  /** The CPU. */
  int cpu() {
    return cpu;
  }

  /** What it executed; {@code PROCESS} without a flags column. */
  ExecutionLevel level() {
    return level;
  }

  /** Timestamp: nanoseconds, or ticks if {@link #ticks}. */
  long time() {
    return time;
  }

  /** Whether the timestamp counts ticks of a clock whose rate the trace does not tell. */
  boolean ticks() {
    return ticks;
  }

  /** Whether the line has the form of latency-format, whose times begin with the trace. */
  boolean relative() {
    return relative;
  }

  /** Name of the event with its group if the line has one, without the final colon. */
  String event() {
    return event;
  }

  /** Whether the name of the event is whole; it is not where a line was wrapped in or before it. */
  boolean named() {
    return named;
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
    return parsePid(end);
  }

  /** Takes the number that ends at {@code end} as a task id. */
  private boolean parsePid(int end) {
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
    commEnd = first - 1;
    return true;
  }

  /** Takes the name before the task id; the same one again is not copied again. */
  private void takeTask() {
    int end = commEnd;
    if (text.charAt(commEnd) == '/') {
      while (end > 0 && BodyCursor.isDigit(text.charAt(end - 1))) {
        end--;
      }
    }
    end = trimmed(end);
    int first = 0;
    while (first < end && isSpace(text.charAt(first))) {
      first++;
    }
    if (task.length() != end - first || !text.startsWith(task, first)) {
      task = text.substring(first, end);
    }
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
    if (!parseCpuDigits() || at >= text.length() || text.charAt(at) != ']') {
      return false;
    }
    at++;
    return true;
  }

  private boolean parseCpuDigits() {
    int first = at;
    int value = 0;
    while (at < text.length()
        && BodyCursor.isDigit(text.charAt(at))
        && at - first < MOST_CPU_DIGITS) {
      value = value * 10 + text.charAt(at) - '0';
      at++;
    }
    cpu = value;
    return at > first;
  }

  private boolean parseFlagsAndTime() {
    level = ExecutionLevel.PROCESS;
    skipSpaces();
    if (parseTime(false)) {
      return true;
    }
    if (!parseFlags()) {
      return false;
    }
    skipSpaces();
    return parseTime(true);
  }

  private boolean parseFlags() {
    int first = at;
    while (at < text.length() && !isSpace(text.charAt(at))) {
      at++;
    }
    int length = at - first;
    if (length < 4 || length > LONGEST_FLAGS) {
      return false;
    }
    // PREEMPT_RT has need-resched-lazy before the interrupt flag.
    level = ExecutionLevel.ofFlag(text.charAt(first + (length >= 7 ? 3 : 2)));
    return true;
  }

  /**
   * Takes {@code comm-pid}, then CPU and flags in one word, then a time. The word is looked for
   * from the left, since a name may hold anything.
   */
  private boolean parseLatency() {
    for (int i = 1; i < text.length(); i++) {
      if (BodyCursor.isDigit(text.charAt(i)) && isSpace(text.charAt(i - 1))) {
        at = i;
        if (parsePid(trimmed(i)) && parseCpuDigits() && atFlags() && parseFlags()) {
          skipSpaces();
          relative = true;
          if (parseMicroseconds() || parseTime(false)) {
            takeTask();
            parseEvent();
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether the first flag, that of interrupts, is next. */
  private boolean atFlags() {
    return at < text.length() && "dDXb.".indexOf(text.charAt(at)) >= 0;
  }

  /** Takes {@code 812us : }, {@code 812us+: } or {@code 812us!:}. */
  private boolean parseMicroseconds() {
    int i = at;
    long us = 0;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i)) && i - at < MOST_DIGITS - 4) {
      us = us * 10 + text.charAt(i) - '0';
      i++;
    }
    if (i == at || !text.startsWith("us", i)) {
      return false;
    }
    i += 2;
    while (i < text.length()
        && (isSpace(text.charAt(i)) || DELAY_MARKS.indexOf(text.charAt(i)) >= 0)) {
      i++;
    }
    if (i >= text.length() || text.charAt(i) != ':') {
      return false;
    }
    time = us * NANOS_PER_MICRO;
    ticks = false;
    at = i + 1;
    return true;
  }

  private boolean parseTime(boolean mayBeTicks) {
    int i = at;
    long value = 0;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i)) && i - at < MOST_DIGITS - 1) {
      value = value * 10 + text.charAt(i) - '0';
      i++;
    }
    if (i == at || i >= text.length()) {
      return false;
    }
    if (text.charAt(i) == ':' && (mayBeTicks || isTicks(i))) {
      time = value;
      ticks = true;
      at = i + 1;
      return true;
    }
    if (text.charAt(i) != '.' || i - at > NANO_DIGITS + 1) {
      return false;
    }
    int fraction = ++i;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i)) && i - fraction < NANO_DIGITS) {
      value = value * 10 + text.charAt(i) - '0';
      i++;
    }
    if (i == fraction || i >= text.length() || text.charAt(i) != ':') {
      return false;
    }
    for (int digits = i - fraction; digits < NANO_DIGITS; digits++) {
      value *= 10;
    }
    time = value;
    ticks = false;
    at = i + 1;
    return true;
  }

  /** A number before a colon is a time of ticks if a blank follows: {@code 5000: map:}. */
  private boolean isTicks(int colon) {
    return colon + 1 < text.length() && isSpace(text.charAt(colon + 1));
  }

  private void parseEvent() {
    skipSpaces();
    skipDistance();
    skipPeriod();
    int first = at;
    // "<stack trace>" is the one name with a space.
    at = text.startsWith("<", first) ? Math.max(text.indexOf('>', first), first) : first;
    while (at < text.length() && !isSpace(text.charAt(at))) {
      at++;
    }
    boolean colon = at > first + 1 && text.charAt(at - 1) == ':';
    event = withoutModifier(text.substring(first, colon ? at - 1 : at));
    skipSpaces();
    // Lines of the function tracer and stack traces have a name without a colon.
    boolean more = at < text.length();
    named = colon || (more && !EventParser.knows(event)) || event.endsWith(">");
  }

  /** {@code iommu:map:k} is {@code iommu:map}, recorded of the kernel alone. */
  private static String withoutModifier(String name) {
    int group = name.indexOf(':');
    int modifier = group < 0 ? -1 : name.indexOf(':', group + 1);
    return modifier < 0 ? name : name.substring(0, modifier);
  }

  /** Passes over {@code (+12)}, the distance to the line before. */
  private void skipDistance() {
    if (text.startsWith("(+", at)) {
      int close = text.indexOf(')', at);
      if (close > 0) {
        at = close + 1;
        skipSpaces();
      }
    }
  }

  /** Passes over a number that is a word of its own: the period of a sample. */
  private void skipPeriod() {
    int i = at;
    while (i < text.length() && BodyCursor.isDigit(text.charAt(i))) {
      i++;
    }
    if (i > at && i < text.length() && isSpace(text.charAt(i))) {
      at = i;
      skipSpaces();
    }
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
