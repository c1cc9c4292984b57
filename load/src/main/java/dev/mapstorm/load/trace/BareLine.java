package dev.mapstorm.load.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An event in a line that lacks the header of {@link LineHeader}: the kernel log with {@code
 * tp_printk}, the comments of function_graph, {@code perf script} with a choice of fields, ftrace
 * without its {@code context-info}. The event is found by its name; what stands before it is looked
 * through for time, CPU and task. Reusable; not thread safe.
 */
final class BareLine {
  private static final Pattern CALL = Pattern.compile("\\s([a-z_]+:\\w+)\\(");
  private static final Pattern PRINTK_TIME = Pattern.compile("\\[ *(\\d+)\\.(\\d{1,9})\\]");
  private static final Pattern TIME = Pattern.compile("(?:^|\\s)(\\d+)\\.(\\d{1,9})(?::|\\s+\\|)");

  /** {@code [ T2101]} and {@code [ C3]}: CONFIG_PRINTK_CALLER. */
  private static final Pattern PRINTK_TASK = Pattern.compile("\\[ *T(\\d{1,9})\\]");

  private static final Pattern PRINTK_CPU = Pattern.compile("\\[ *C(\\d{1,6})\\]");
  private static final Pattern GRAPH_CPU = Pattern.compile("(?:^|\\|)\\s*(\\d{1,6})\\)");
  private static final Pattern PERF_CPU = Pattern.compile("\\[(\\d{3,6})\\]");

  /**
   * {@code comm pid}, {@code comm pid/tid} before a time or a CPU; {@code comm-pid |} in graphs.
   */
  private static final Pattern PERF_TASK =
      Pattern.compile("^\\s*(\\S.*?)\\s+(?:\\d+/\\s*)?(\\d{1,9})(?=\\s+(?:\\[|\\d+\\.\\d+:|$))");

  private static final Pattern GRAPH_TASK = Pattern.compile("\\)\\s+(\\S.*)-(\\d{1,9})\\s*\\|");

  /**
   * What tools write before an event is shorter. In more no time and task are searched, which would
   * take time that grows with its square.
   */
  private static final int LONGEST_HEADER = 1_024;

  private String event = "";
  private int bodyStart;
  private long timeNs;
  private boolean timed;
  private int cpu;
  private boolean onKnownCpu;
  private boolean ofPerfTrace;
  private int pid;
  private String task = "";

  /**
   * Looks for an event.
   *
   * @return false if there is none
   */
  boolean parse(String line) {
    ofPerfTrace = false;
    for (int colon = line.indexOf(':'); colon > 0; colon = line.indexOf(':', colon + 1)) {
      int first = colon;
      while (first > 0 && isNameCharacter(line.charAt(first - 1))) {
        first--;
      }
      if (first < colon && EventParser.knows(line.substring(first, colon))) {
        take(line, first, colon);
        return true;
      }
    }
    return parseCall(line);
  }

  /** {@code iommu:map(body)}, as {@code perf trace --libtraceevent_print} has it. */
  private boolean parseCall(String line) {
    Matcher call = CALL.matcher(line);
    if (!call.find() || !EventParser.knows(call.group(1))) {
      return false;
    }
    take(line, call.start(1), call.end(1));
    ofPerfTrace = true;
    return true;
  }

  private static boolean isNameCharacter(char c) {
    return c >= 'a' && c <= 'z' || c == '_' || c == ':' || BodyCursor.isDigit(c);
  }

  private void take(String line, int first, int colon) {
    event = line.substring(first, colon);
    bodyStart = colon + 1;
    while (bodyStart < line.length() && line.charAt(bodyStart) == ' ') {
      bodyStart++;
    }
    String before = first > LONGEST_HEADER ? "" : line.substring(0, first);
    Matcher time = PRINTK_TIME.matcher(before);
    timed = time.find() || (time = TIME.matcher(before)).find();
    timeNs = timed ? nanoseconds(time) : 0;
    cpu = 0;
    onKnownCpu = false;
    for (Pattern pattern : new Pattern[] {PRINTK_CPU, GRAPH_CPU, PERF_CPU}) {
      Matcher found = pattern.matcher(before);
      if (!onKnownCpu && found.find()) {
        cpu = Integer.parseInt(found.group(1));
        onKnownCpu = true;
      }
    }
    takeTask(before);
  }

  private void takeTask(String before) {
    pid = 0;
    task = "";
    Matcher printk = PRINTK_TASK.matcher(before);
    Matcher graph = GRAPH_TASK.matcher(before);
    Matcher perf = PERF_TASK.matcher(before);
    if (printk.find()) {
      pid = Integer.parseInt(printk.group(1));
    } else if (graph.find()) {
      task = graph.group(1);
      pid = Integer.parseInt(graph.group(2));
    } else if (perf.find()) {
      task = perf.group(1);
      pid = Integer.parseInt(perf.group(2));
    }
  }

  private static long nanoseconds(Matcher time) {
    if (time.group(1).length() > 9) {
      return 0;
    }
    String fraction = (time.group(2) + "000000000").substring(0, 9);
    return Long.parseLong(time.group(1)) * 1_000_000_000L + Long.parseLong(fraction);
  }

  /** Whether the line has the form of {@code perf trace}. */
  boolean ofPerfTrace() {
    return ofPerfTrace;
  }

  /** Name of the event, with its group if the line has one. */
  String event() {
    return event;
  }

  /** Where the body begins. */
  int bodyStart() {
    return bodyStart;
  }

  /** Timestamp in nanoseconds; 0 without one. */
  long timeNs() {
    return timeNs;
  }

  /** Whether the line has a timestamp. */
  boolean timed() {
    return timed;
  }

  /** The CPU, 0 if the line does not tell. */
  int cpu() {
    return cpu;
  }

  /** Whether the line tells the CPU. */
  boolean onKnownCpu() {
    return onKnownCpu;
  }

  /** The task, 0 if the line does not tell. */
  int pid() {
    return pid;
  }

  /** Name of the task, empty if the line does not tell. */
  String task() {
    return task;
  }
}
