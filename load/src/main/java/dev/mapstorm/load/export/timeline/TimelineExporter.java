package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.util.Collections;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** Draws a run as a timeline, host by host. Not thread-safe. */
public final class TimelineExporter implements Exporter {
  private final TimelineWriter writer;
  private final IntFunction<RunOutline> outlines;
  private final ExportSelection selection;
  private final Canvas.Numbers numbers = new Canvas.Numbers();
  private HostTimeline timeline;

  /**
   * Draws with {@code writer}.
   *
   * @param outlines of the hosts, by number
   */
  public TimelineExporter(
      TimelineWriter writer, IntFunction<RunOutline> outlines, ExportSelection selection) {
    this.writer = writer;
    this.outlines = outlines;
    this.selection = selection;
  }

  @Override
  public boolean needsHistory() {
    return true;
  }

  @Override
  public void beginHost(int host, InFlight inFlight) throws IOException {
    RunOutline run = outlines.apply(host);
    writer.host(host, "%s host %d".formatted(run.run(), host));
    timeline =
        new HostTimeline(
            new Canvas(writer, numbers, host, selection.fromNs(), selection.toNs()),
            run,
            inFlight,
            selection.kinds().contains(EventKind.MAPPED),
            hearsAllOfDomains(run, selection.device(host)));
  }

  /**
   * Whether what is selected is all that happens to its domains. Of a domain that devices share,
   * the selection of one has the allocations for its own clients, and the freeing of all.
   */
  private static boolean hearsAllOfDomains(RunOutline run, OptionalInt device) {
    return device.isEmpty()
        || Collections.frequency(run.domains(), run.domains().get(device.getAsInt())) == 1;
  }

  @Override
  public void event(EventCursor event, long number, boolean within) {
    if (within) {
      timeline.open();
    }
    event.to(timeline.sink());
  }

  @Override
  public void endHost(long t) {
    timeline.finish(t);
  }

  @Override
  public void finish() throws IOException {
    writer.finish();
  }

  @Override
  public long written() {
    return writer.written();
  }

  @Override
  public void close() {}
}
