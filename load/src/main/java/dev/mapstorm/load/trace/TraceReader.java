package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceEvent.IoPageFault;
import dev.mapstorm.protocol.Granule;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a kernel trace, one event at a time, in whatever text form a user has it: ftrace ({@code
 * /sys/kernel/tracing/trace}, {@code trace_pipe}, latency-format, {@code ftrace_dump_on_oops}),
 * {@code trace-cmd report} and {@code perf script} with their options, the kernel log ({@code
 * tp_printk}), function_graph, or any of these pasted into mail. Plain or gzip; the file is not
 * held in memory.
 *
 * <p>Comments ({@code #}), empty lines and the furniture of the tools are passed over. Events that
 * {@link TraceEvent} does not know are skipped and counted by name. Whatever else is no event, or
 * is a damaged one, is left out and counted by kind ({@link LeftOut}); {@link #notes} tells. With
 * {@link Strictness#STRICT} such a line is an error instead, stack frames excepted. Always errors
 * are a damaged gzip, a binary file, and a file without any event that is known. Errors are {@link
 * TextFormatException}, thrown by {@link #hasNext} and {@link #next}, and name file and line.
 *
 * <p>Events are answered in the order of the file, which is the order of time as the tools write
 * it; with per-CPU clocks, timestamps may step back. Not thread safe.
 */
public final class TraceReader implements Iterator<TraceLine>, AutoCloseable {

  /** What becomes of a line that is no event. */
  public enum Strictness {
    /** It is left out and counted. */
    LENIENT,
    /** It is an error. */
    STRICT
  }

  /** What perf prints of events that it lost, as {@code PERF_RECORD_LOST_SAMPLES}, too. */
  private static final String PERF_LOST = "PERF_RECORD_LOST";

  private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");
  private static final Pattern ENTRIES =
      Pattern.compile("# entries-in-buffer/entries-written: (\\d{1,18})/(\\d{1,18})\\b.*");
  private static final Pattern PROCESSORS =
      Pattern.compile("#.*#P:(\\d{1,6})\\b.*|cpus=(\\d{1,6})");
  private static final Pattern FAULT_FLAGS = Pattern.compile("flags=0x[0-9a-f]{4}$");
  private static final Pattern WHOLE_BOUNCE = Pattern.compile("(?:NORMAL|FORCE|swiotlb_force)$");
  private static final String HOW_TO_RECORD =
      "record with: trace-cmd record -C mono -e dma -e iommu -e swiotlb -e intel_iommu sleep 10"
          + " && trace-cmd report -l > trace.txt";

  private final TextLines lines;
  private final Strictness strictness;
  private final LineHeader header = new LineHeader();
  private final BareLine bare = new BareLine();
  private final BodyCursor body = new BodyCursor();
  private final EventParser parser = new EventParser(body);
  private final MachineFacts.Reader machine = new MachineFacts.Reader();
  private final Queue<String> parts = new ArrayDeque<>(1);
  private final FaultLine faults = new FaultLine();
  private final WrappedLine wrapped = new WrappedLine();
  private final SortedMap<String, Long> skipped = new TreeMap<>();
  private final Map<LeftOut, Long> leftOut = new EnumMap<>(LeftOut.class);
  private final Map<LeftOut, String> firstLeftOut = new EnumMap<>(LeftOut.class);
  private Optional<TraceLine> ahead = Optional.empty();
  private long traceLines;
  private long events;
  private long joined;
  private long withoutCpu;
  private long overwritten;
  private int cpus;
  private boolean timed;
  private boolean ticks;
  private boolean relative;
  private long lastTime;

  /** Reads lines from where they stand; they are closed with this. */
  public TraceReader(TextLines lines) {
    this(lines, Strictness.LENIENT);
  }

  /** Reads lines from where they stand; they are closed with this. */
  public TraceReader(TextLines lines, Strictness strictness) {
    this.lines = lines;
    this.strictness = strictness;
  }

  /**
   * Opens a trace.
   *
   * @throws TextFormatException if the file cannot be opened
   */
  public static TraceReader open(Path file) {
    return open(file, stream -> stream);
  }

  /**
   * Opens a trace.
   *
   * @param through as {@link TextLines#open(Path, UnaryOperator)} has it
   * @throws TextFormatException if the file cannot be opened
   */
  public static TraceReader open(Path file, UnaryOperator<InputStream> through) {
    return new TraceReader(TextLines.open(file, through));
  }

  @Override
  public boolean hasNext() {
    while (ahead.isEmpty()) {
      if (parts.isEmpty() && !lines.advance()) {
        giveUpWrapped();
        requireSomeEvent();
        return false;
      }
      if (parts.isEmpty()) {
        parts.addAll(List.of(PastedText.lines(PastedText.clean(lines.line()))));
      }
      ahead = take(parts.remove());
    }
    return true;
  }

  @Override
  public TraceLine next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the trace has no further event");
    }
    TraceLine line = ahead.get();
    ahead = Optional.empty();
    return line;
  }

  /** What was seen beside the events so far. */
  public ReadingNotes notes() {
    return new ReadingNotes(
        lines.number(),
        events,
        Collections.unmodifiableSortedMap(new TreeMap<>(skipped)),
        Collections.unmodifiableMap(new EnumMap<>(leftOut)),
        Collections.unmodifiableMap(new EnumMap<>(firstLeftOut)),
        joined,
        clock(),
        withoutCpu,
        overwritten,
        cpus,
        machine.facts());
  }

  private TraceClock clock() {
    if (ticks) {
      return TraceClock.TICKS;
    }
    if (!timed && events > 0) {
      return TraceClock.NONE;
    }
    return relative ? TraceClock.RELATIVE : TraceClock.TIME;
  }

  /** Closes the file. */
  @Override
  public void close() {
    lines.close();
  }

  private Optional<TraceLine> take(String line) {
    if (isEmpty(line)) {
      return Optional.empty();
    }
    if (line.charAt(0) == '#') {
      return comment(line);
    }
    if (header.parse(line)) {
      giveUpWrapped();
      traceLines++;
      timed = true;
      ticks |= header.ticks();
      relative |= header.relative();
      lastTime = header.time();
      return header.named() ? event(line) : unfinished(line, "the line ends before its event");
    }
    return withoutHeader(line);
  }

  private Optional<TraceLine> comment(String line) {
    if (!machine.take(line)) {
      return leaveOut(LeftOut.MALFORMED, "this fact of the machine cannot be read");
    }
    Matcher entries = ENTRIES.matcher(line);
    if (entries.matches()) {
      overwritten +=
          Math.max(Long.parseLong(entries.group(2)) - Long.parseLong(entries.group(1)), 0);
    }
    processors(line);
    return Optional.empty();
  }

  private void processors(String line) {
    Matcher processors = PROCESSORS.matcher(line);
    if (processors.matches()) {
      String count = processors.group(1) == null ? processors.group(2) : processors.group(1);
      cpus = Math.max(cpus, Integer.parseInt(count));
    }
  }

  private Optional<TraceLine> event(String line) {
    String name = header.event();
    int bodyStart = header.bodyStart();
    body.begin(line, bodyStart);
    if (name.startsWith(PERF_LOST)) {
      return lostByPerf(line.substring(bodyStart));
    }
    try {
      Optional<TraceEvent> event = parser.parse(name);
      if (event.isPresent() && !lines.terminated() && mayBeCut(line, event.get())) {
        return cut();
      }
      if (event.isEmpty() && EventParser.knows(name) && isUnprinted(line, bodyStart)) {
        return leaveOut(LeftOut.UNPRINTED, "the tool could not print this event");
      }
      if (event.isEmpty()) {
        skipped.merge(name, 1L, Long::sum);
      }
      return event.map(each -> lineWith(lines.number(), each));
    } catch (BodyCursor.Mismatch e) {
      return unfinished(line, "malformed " + name + ": " + e.getMessage());
    }
  }

  /** Keeps a line whose rest may be in the next ones. */
  private Optional<TraceLine> unfinished(String line, String reason) {
    if (!lines.terminated()) {
      return cut();
    }
    if (strictness == Strictness.STRICT) {
      throw lines.error(reason);
    }
    wrapped.begin(line, lines.number(), reason);
    return Optional.empty();
  }

  private Optional<TraceLine> withoutHeader(String line) {
    if (line.startsWith("CPU:") && line.endsWith("]") && !PastedText.isFurniture(line)) {
      return gap(line);
    }
    if (PastedText.isFurniture(line)) {
      processors(line.strip());
      return Optional.empty();
    }
    if (PastedText.isStackFrame(line)) {
      count(LeftOut.STACK_FRAME, line);
      return Optional.empty();
    }
    if (wrapped.isOpen() && !wrapped.isTooLong()) {
      return joined(line);
    }
    giveUpWrapped();
    if (bare.parse(line)) {
      Optional<TraceLine> event = bareEvent(line);
      if (event.isPresent()) {
        return event;
      }
      if (bare.ofPerfTrace()) {
        return leaveOut(
            LeftOut.UNPRINTED,
            "perf trace prints fields in a form of its own; print events with perf script");
      }
    }
    Optional<IoPageFault> fault = faults.parse(line);
    if (fault.isPresent()) {
      traceLines++;
      // The kernel log and the trace may have different clocks; time does not run back.
      lastTime = Math.max(lastTime, FaultLine.time(line).orElse(lastTime));
      return Optional.of(lineOf(lastTime, 0, 0, "", fault.get()));
    }
    if (PastedText.isBeginning(line)) {
      return unfinished(line, "not a line of a kernel trace: " + TextLines.excerpt(line));
    }
    return leaveOut(
        LeftOut.NOT_AN_EVENT, "not a line of a kernel trace: " + TextLines.excerpt(line));
  }

  /** Puts a line behind the unfinished one before it. */
  private Optional<TraceLine> joined(String line) {
    long number = wrapped.number();
    for (String candidate : wrapped.with(line)) {
      if (header.parse(candidate)) {
        body.begin(candidate, header.bodyStart());
        try {
          Optional<TraceEvent> event = parser.parse(header.event());
          if (event.isPresent()) {
            wrapped.close();
            joined++;
            traceLines++;
            timed = true;
            lastTime = header.time();
            return Optional.of(lineWith(number, event.get()));
          }
        } catch (BodyCursor.Mismatch e) {
          // Perhaps the next line has the rest.
        }
      }
    }
    return Optional.empty();
  }

  /** Leaves out an event that no line behind it made whole. */
  private void giveUpWrapped() {
    if (wrapped.isOpen()) {
      count(LeftOut.MALFORMED, lines.name() + ":" + wrapped.number() + ": " + wrapped.reason());
      if (wrapped.parts() > 1) {
        leftOut.merge(LeftOut.NOT_AN_EVENT, (long) wrapped.parts() - 1, Long::sum);
      }
      wrapped.close();
    }
  }

  private Optional<TraceLine> bareEvent(String line) {
    body.begin(line, bare.bodyStart());
    try {
      Optional<TraceEvent> event = parser.parse(bare.event());
      if (event.isEmpty()) {
        return Optional.empty();
      }
      traceLines++;
      timed |= bare.timed();
      lastTime = bare.timed() ? bare.timeNs() : lastTime;
      if (!bare.onKnownCpu()) {
        withoutCpu++;
      }
      return Optional.of(lineOf(lastTime, bare.cpu(), bare.pid(), bare.task(), event.get()));
    } catch (BodyCursor.Mismatch e) {
      return Optional.empty();
    }
  }

  private Optional<TraceLine> cut() {
    return leaveOut(LeftOut.CUT, "the trace is cut off: its last line has no line end");
  }

  private Optional<TraceLine> leaveOut(LeftOut kind, String reason) {
    if (strictness == Strictness.STRICT) {
      throw lines.error(reason);
    }
    count(kind, lines.name() + ":" + lines.number() + ": " + reason);
    return Optional.empty();
  }

  private void count(LeftOut kind, String first) {
    leftOut.merge(kind, 1L, Long::sum);
    firstLeftOut.putIfAbsent(kind, first);
  }

  private TraceLine lineWith(long number, TraceEvent event) {
    events++;
    return new TraceLine(
        number, header.time(), header.cpu(), header.pid(), header.task(), header.level(), event);
  }

  private TraceLine lineOf(long time, int cpu, int pid, String task, TraceEvent event) {
    events++;
    return new TraceLine(lines.number(), time, cpu, pid, task, ExecutionLevel.PROCESS, event);
  }

  /** {@code PERF_RECORD_LOST lost 12} of {@code perf script --show-lost-events}. */
  private Optional<TraceLine> lostByPerf(String text) {
    Matcher count = DIGITS.matcher(text);
    long lost = count.find() ? Long.parseLong(count.group()) : 0;
    return Optional.of(
        new TraceLine(
            lines.number(),
            lastTime,
            header.cpu(),
            0,
            "",
            ExecutionLevel.PROCESS,
            new TraceEvent.Lost(header.cpu(), lost)));
  }

  private Optional<TraceLine> gap(String line) {
    body.begin(line, "CPU:".length());
    try {
      int cpu = body.integer();
      body.expect(" [");
      body.accept("LOST ");
      long lost = body.atDigit() ? body.decimal() : 0;
      return Optional.of(
          new TraceLine(
              lines.number(),
              lastTime,
              cpu,
              0,
              "",
              ExecutionLevel.PROCESS,
              new TraceEvent.Lost(cpu, lost)));
    } catch (BodyCursor.Mismatch e) {
      return leaveOut(LeftOut.NOT_AN_EVENT, "malformed gap: " + e.getMessage());
    }
  }

  private static boolean isEmpty(String line) {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) != ' ' && line.charAt(i) != '\t') {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the event of an unfinished line may have lost digits. Those of {@code dma:*} that map
   * end in {@code attrs=}, a map's size is checked against its range, and a descriptor ends in
   * zeros.
   */
  private static boolean mayBeCut(String line, TraceEvent event) {
    if (event instanceof TraceEvent.IommuUnmap unmap) {
      return unmap.unmappedSize() != unmap.size();
    }
    if (event instanceof TraceEvent.IommuMap map) {
      return map.size() % Granule.BYTES != 0;
    }
    boolean whole =
        event instanceof TraceEvent.QiSubmit submit && submit.qw3() == 0
            || event instanceof TraceEvent.SwiotlbBounced && WHOLE_BOUNCE.matcher(line).find()
            || event instanceof TraceEvent.IoPageFault && FAULT_FLAGS.matcher(line).find()
            || line.contains(" attrs=")
            || line.endsWith("}");
    return !whole;
  }

  private static boolean isUnprinted(String line, int bodyStart) {
    return line.startsWith(EventParser.FAILED_TO_PARSE, bodyStart)
        || line.startsWith("[UNKNOWN", bodyStart);
  }

  private void requireSomeEvent() {
    if (events > 0) {
      return;
    }
    String first =
        firstLeftOut.getOrDefault(LeftOut.UNPRINTED, firstLeftOut.get(LeftOut.NOT_AN_EVENT));
    if (traceLines == 0) {
      throw new TextFormatException(
          first == null ? lines.name() + ": holds no line of a kernel trace" : first);
    }
    long damaged = leftOut.getOrDefault(LeftOut.MALFORMED, 0L);
    if (damaged > 0) {
      throw new TextFormatException(
          "%s (%s damaged, none is whole)"
              .formatted(
                  firstLeftOut.get(LeftOut.MALFORMED),
                  damaged == 1 ? "1 event is" : damaged + " events are"));
    }
    throw new TextFormatException(
        lines.name()
            + ": holds no event of dma, iommu, swiotlb or intel_iommu"
            + (skipped.isEmpty() ? "" : " (but " + mostFrequent() + ")")
            + "; "
            + HOW_TO_RECORD);
  }

  private String mostFrequent() {
    return skipped.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> most.getValue() + " of " + most.getKey())
        .orElse("");
  }
}
