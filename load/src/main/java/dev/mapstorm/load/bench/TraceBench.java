package dev.mapstorm.load.bench;

import dev.mapstorm.load.conform.TraceConformance;
import dev.mapstorm.load.conform.TraceConformanceReport;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceReader;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Times what is done with kernel traces: reading one, beside splitting the same text into lines,
 * and {@code conform trace} of a strict and of a lazy one, beside reading it. The traces are made
 * up by {@link MadeUpTrace}: {@value #LINES} lines each, as VT-d of Linux 6.12 logs them.
 */
public final class TraceBench {
  private static final int LINES = 100_000;
  private static final double NANOS = 1e9;
  private static final double READING_GOAL = 300_000;
  private static final double STRICT_GOAL = 50_000;
  private static final double LAZY_GOAL = 10_000;

  /** Reading parses what splitting only finds, so it is some times slower. */
  private static final double READING_RATIO = 0.04;

  private static final double STRICT_RATIO = 0.1;
  private static final double LAZY_RATIO = 0.03;

  /** Time of this thread on a CPU, so that other load on the machine counts as little as it can. */
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  private final int rounds;
  private final Consumer<String> notes;

  /**
   * Prepares.
   *
   * @param rounds that count, after one that does not; 1 or more
   * @param notes what is being done
   */
  public TraceBench(int rounds, Consumer<String> notes) {
    this.rounds = rounds;
    this.notes = notes;
  }

  /** Measures all. */
  public List<BenchResult> run() {
    notes.accept("reading and matching made-up traces of %,d lines".formatted(LINES));
    byte[] strict = MadeUpTrace.of(LINES, false);
    byte[] lazy = MadeUpTrace.of(LINES, true);
    double split = linesPerSecond(strict, TraceBench::split);
    double read = linesPerSecond(strict, TraceBench::read);
    double readLazy = linesPerSecond(lazy, TraceBench::read);
    double matched = linesPerSecond(strict, TraceBench::conform);
    double matchedLazy = linesPerSecond(lazy, TraceBench::conform);
    return List.of(
        comparison("reading a trace", read, "its lines alone", split, READING_RATIO, READING_GOAL),
        comparison(
            "conform of a strict trace", matched, "reading", read, STRICT_RATIO, STRICT_GOAL),
        comparison(
            "conform of a lazy trace", matchedLazy, "reading", readLazy, LAZY_RATIO, LAZY_GOAL));
  }

  private static BenchResult comparison(
      String name, double value, String baseline, double base, double expected, double goal) {
    return new BenchResult(
        name,
        "lines/s",
        value,
        baseline,
        base,
        value / base,
        expected,
        String.format(
            Locale.ROOT,
            "goal %,.0f lines/s: %s",
            goal,
            value >= goal ? "met" : "missed on this machine"));
  }

  private double linesPerSecond(byte[] text, ToLongFunction<TextLines> work) {
    double[] perSecond = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      try (TextLines lines = TextLines.of("made up", new ByteArrayInputStream(text))) {
        long start = CLOCK.getCurrentThreadCpuTime();
        long count = work.applyAsLong(lines);
        if (round >= 0) {
          perSecond[round] = count * NANOS / (CLOCK.getCurrentThreadCpuTime() - start);
        }
      }
    }
    Arrays.sort(perSecond);
    return perSecond[rounds / 2];
  }

  private static long split(TextLines lines) {
    while (lines.advance()) {
      lines.line();
    }
    return lines.number();
  }

  @SuppressWarnings("resource") // its lines are the caller's
  private static long read(TextLines lines) {
    TraceReader reader = new TraceReader(lines);
    while (reader.hasNext()) {
      reader.next();
    }
    return lines.number();
  }

  private static long conform(TextLines lines) {
    TraceConformanceReport report = TraceConformance.check(lines);
    if (report.unexplained() > report.allocations() / 100) {
      throw new IllegalStateException("the made-up trace is not explained: " + report.summary());
    }
    return lines.number();
  }
}
