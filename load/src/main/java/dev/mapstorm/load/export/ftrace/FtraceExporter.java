package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventCursor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntFunction;

/** The text of a kernel's trace. It tells of one machine, so of one host. Not thread-safe. */
public final class FtraceExporter implements Exporter {
  private final FtraceLines lines;
  private final IntFunction<RunOutline> outlines;
  private FtraceHost host;

  /**
   * Writes to {@code stream}, which is not closed.
   *
   * @param outlines of the hosts, by number
   */
  public FtraceExporter(OutputStream stream, IntFunction<RunOutline> outlines) {
    lines = new FtraceLines(stream);
    this.outlines = outlines;
  }

  @Override
  public boolean needsHistory() {
    return true;
  }

  @Override
  public void beginHost(int number, InFlight inFlight) {
    if (lines.lines() > 0) {
      throw new IllegalStateException("the text of a kernel's trace is that of one host");
    }
    RunOutline run = outlines.apply(number);
    host = new FtraceHost(new FtraceEvents(lines, run), run, inFlight);
  }

  @Override
  public void event(EventCursor event, long number, boolean within) {
    if (within) {
      host.write();
    }
    event.to(host);
  }

  @Override
  public void endHost(long t) {
    host.flush();
  }

  @Override
  public void finish() throws IOException {
    lines.flush();
  }

  @Override
  public long written() {
    return lines.lines();
  }

  @Override
  public void close() {}
}
