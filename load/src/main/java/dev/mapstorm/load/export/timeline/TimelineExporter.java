package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.util.Collections;

/** Draws a run as a timeline, host by host. Not thread-safe. */
public final class TimelineExporter implements Exporter {
  private final TimelineWriter writer;
  private final RunOutline run;
  private final ExportSelection selection;
  private final Canvas.Numbers numbers = new Canvas.Numbers();
  private HostTimeline timeline;

  /** Draws with {@code writer}. */
  public TimelineExporter(TimelineWriter writer, RunOutline run, ExportSelection selection) {
    this.writer = writer;
    this.run = run;
    this.selection = selection;
  }

  @Override
  public boolean needsHistory() {
    return true;
  }

  @Override
  public void beginHost(int host) throws IOException {
    writer.host(host, "%s host %d".formatted(run.run(), host));
    timeline =
        new HostTimeline(
            new Canvas(writer, numbers, host, selection.fromNs(), selection.toNs()),
            run,
            selection.kinds().contains(EventKind.MAPPED),
            hearsAllOfDomains());
  }

  /**
   * Whether what is selected is all that happens to its domains. Of a domain that devices share,
   * the selection of one has the allocations for its own clients, and the freeing of all.
   */
  private boolean hearsAllOfDomains() {
    return selection.device().isEmpty()
        || Collections.frequency(run.domains(), run.domains().get(selection.device().getAsInt()))
            == 1;
  }

  @Override
  public void event(EventCursor event, long number, boolean within) {
    if (within) {
      timeline.open();
    }
    event.to(timeline);
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
