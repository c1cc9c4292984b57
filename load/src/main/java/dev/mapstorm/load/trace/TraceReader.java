package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a kernel trace, one event at a time: ftrace text ({@code /sys/kernel/tracing/trace}),
 * {@code trace-cmd report} or {@code perf script}, plain or gzip. The file is not held in memory.
 *
 * <p>Comments ({@code #}), empty lines, the {@code cpus=4} and {@code version = 6} of trace-cmd and
 * the frames of stack traces are passed over. Events that {@link TraceEvent} does not know are
 * skipped and counted by name. Anything else is an error: a line that is not trace text, a known
 * event whose body is not what the kernel prints, a last line without its line end (the trace was
 * cut off), a file without any trace line, a damaged gzip. Errors are {@link TextFormatException},
 * thrown by {@link #hasNext} and {@link #next}, and name file and line.
 *
 * <p>Events are answered in the order of the file, which is the order of time as the tools write
 * it; with per-CPU clocks, timestamps may step back. Not thread safe.
 */
public final class TraceReader implements Iterator<TraceLine>, AutoCloseable {
  private final TextLines lines;
  private final LineHeader header = new LineHeader();
  private final BodyCursor body = new BodyCursor();
  private final EventParser events = new EventParser(body);
  private final SortedMap<String, Long> skipped = new TreeMap<>();
  private Optional<TraceLine> ahead = Optional.empty();
  private long traceLines;
  private long lastNs;

  /** Reads lines from where they stand; they are closed with this. */
  public TraceReader(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Opens a trace.
   *
   * @throws TextFormatException if the file cannot be opened
   */
  public static TraceReader open(Path file) {
    return new TraceReader(TextLines.open(file));
  }

  @Override
  public boolean hasNext() {
    while (ahead.isEmpty()) {
      if (!lines.advance()) {
        requireSomeLine();
        return false;
      }
      ahead = parse(lines.line());
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

  /** Events skipped so far because they are not known, by name. */
  public SortedMap<String, Long> skipped() {
    return Collections.unmodifiableSortedMap(skipped);
  }

  /** Lines of the file read so far, comments included. */
  public long lines() {
    return lines.number();
  }

  /** An error at a line of this trace, to be thrown. */
  TextFormatException error(TraceLine line, String what) {
    return new TextFormatException(lines.name() + ":" + line.number() + ": " + what);
  }

  /** Closes the file. */
  @Override
  public void close() {
    lines.close();
  }

  private Optional<TraceLine> parse(String line) {
    if (isPassedOver(line) && (lines.terminated() || line.charAt(0) == '#')) {
      return Optional.empty();
    }
    boolean found = header.parse(line);
    if (!lines.terminated() && (found || traceLines > 0)) {
      throw lines.error("the trace is cut off: its last line has no line end");
    }
    if (!found && line.startsWith("CPU:") && line.endsWith("]")) {
      return Optional.of(gap(line));
    }
    if (!found) {
      throw lines.error("not a line of a kernel trace: " + TextLines.excerpt(line));
    }
    traceLines++;
    lastNs = header.timeNs();
    body.begin(line, header.bodyStart());
    try {
      Optional<TraceEvent> event = events.parse(header.event());
      if (event.isEmpty()) {
        skipped.merge(header.event(), 1L, Long::sum);
      }
      return event.map(this::lineWith);
    } catch (BodyCursor.Mismatch e) {
      throw lines.error("malformed " + header.event() + ": " + e.getMessage());
    }
  }

  private TraceLine lineWith(TraceEvent event) {
    return new TraceLine(
        lines.number(), header.timeNs(), header.cpu(), header.pid(), header.level(), event);
  }

  private TraceLine gap(String line) {
    body.begin(line, "CPU:".length());
    try {
      int cpu = body.integer();
      body.expect(" [");
      body.accept("LOST ");
      long events = body.atDigit() ? body.decimal() : 0;
      return new TraceLine(
          lines.number(), lastNs, cpu, 0, ExecutionLevel.PROCESS, new TraceEvent.Lost(cpu, events));
    } catch (BodyCursor.Mismatch e) {
      throw lines.error("malformed gap: " + e.getMessage());
    }
  }

  private static boolean isPassedOver(String line) {
    if (line.isEmpty() || line.charAt(0) == '#') {
      return true;
    }
    String text = line.strip();
    return text.isEmpty()
        || text.startsWith("=> ")
        || text.startsWith("cpus=")
        || text.startsWith("version = ")
        || (text.startsWith("CPU ") && text.endsWith(" is empty"));
  }

  private void requireSomeLine() {
    if (traceLines == 0) {
      throw new TextFormatException(lines.name() + ": holds no line of a kernel trace");
    }
  }
}
