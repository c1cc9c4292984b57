package dev.mapstorm.load.export.formats;

import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.Exporter;
import dev.mapstorm.load.run.DeviceEvents;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.EntryCursor;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamPosition;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** Reads the selected events of a run, batch by batch, into an exporter. Not thread-safe. */
final class SelectedEvents {
  private final RecordedRun run;
  private final ExportSelection selection;
  private final BooleanSupplier stopped;
  private final ReadProgress progress;
  private final EventCursor cursor = new EventCursor();
  private Optional<DeviceEvents> concern = Optional.empty();
  private InFlight inFlight = new InFlight();
  private Attribution attribution = new Attribution(inFlight);
  private long number;
  private long lastInstant;
  private boolean past;
  private int hostsDone;
  private long read;
  private long selected;
  private OptionalLong cutAtNs = OptionalLong.empty();

  /**
   * @param stopped asked between batches
   * @param progress hears how far it is
   */
  SelectedEvents(
      RecordedRun run, ExportSelection selection, BooleanSupplier stopped, ReadProgress progress) {
    this.run = run;
    this.selection = selection;
    this.stopped = stopped;
    this.progress = progress;
  }

  /** Events so far that were selected and lie in the window. */
  long selected() {
    return selected;
  }

  /** Where the first of the streams ended that ended in the window, but not with their run. */
  OptionalLong cutAtNs() {
    return cutAtNs;
  }

  /**
   * Reads all of it.
   *
   * @param passed the last batch of a host that need not be read, none before it either; by number
   *     of the host, and none where it is to be read from its opening
   * @throws ExportStoppedException as soon as {@code stopped} says so
   */
  void into(Exporter exporter, Map<Integer, BatchSummary> passed) throws IOException {
    for (int host : selection.hosts()) {
      Optional<BatchSummary> before = Optional.ofNullable(passed.get(host));
      inFlight = before.map(BatchSummary::behind).orElseGet(InFlight::new);
      attribution = new Attribution(inFlight);
      exporter.beginHost(host, inFlight);
      readHost(host, exporter, before);
      exporter.endHost(Math.min(lastInstant, selection.toNs()));
      hostsDone++;
    }
    exporter.finish();
  }

  private void readHost(int host, Exporter exporter, Optional<BatchSummary> passed)
      throws IOException {
    StreamPosition start = passed.map(BatchSummary::positionBehind).orElse(StreamPosition.START);
    number = start.events();
    lastInstant = passed.map(BatchSummary::last).orElse(0L);
    past = false;
    boolean whole = false;
    OptionalInt device = selection.device(host);
    concern =
        device.isPresent()
            ? Optional.of(new DeviceEvents(device.getAsInt(), run.outline(host)))
            : Optional.empty();
    BatchDecoder decoder = new BatchDecoder(host);
    double batches = run.journal().lastBatch(host).map(EventBatch::index).orElse(0L) + 1.0;
    try (EntryCursor entries = run.journal().entries(host, start)) {
      JournalEntry entry = entries.next();
      while (entry != null && !past) {
        if (entry instanceof EventBatch batch) {
          take(decoder, batch, exporter);
          double part = Math.max((batch.index() + 1) / batches, partOfWindow(batch));
          progress.read((hostsDone + part) / selection.hosts().size(), read);
        } else if (entry instanceof StreamClosed closed) {
          lastInstant = closed.end();
          whole = true;
        }
        if (stopped.getAsBoolean()) {
          throw new ExportStoppedException();
        }
        entry = entries.next();
      }
    }
    if (!whole && !past) {
      cutAtNs = OptionalLong.of(Math.min(lastInstant, cutAtNs.orElse(lastInstant)));
    }
  }

  /** How much of the way to the window's end is behind. */
  private double partOfWindow(EventBatch batch) {
    return batch.last() >= selection.toNs() ? 1 : (double) batch.last() / selection.toNs();
  }

  private void take(BatchDecoder decoder, EventBatch batch, Exporter exporter) throws IOException {
    read += batch.count();
    lastInstant = batch.last();
    past = batch.last() > selection.toNs();
    boolean looksUp = exporter.needsHistory() || concern.isPresent();
    if (!looksUp && (batch.last() < selection.fromNs() || holdsNoneOfTheKinds(batch))) {
      number += batch.count();
      return;
    }
    cursor.begin(decoder.decode(batch));
    while (cursor.next() && cursor.t() <= selection.toNs()) {
      boolean within = cursor.t() >= selection.fromNs();
      if (looksUp) {
        cursor.to(inFlight);
      }
      if ((within || exporter.needsHistory()) && isSelected()) {
        exporter.event(cursor, number, within);
        selected += within ? 1 : 0;
      }
      number++;
    }
  }

  private boolean holdsNoneOfTheKinds(EventBatch batch) {
    return selection.kinds().stream().noneMatch(kind -> batch.count(kind) > 0);
  }

  private boolean isSelected() {
    return selection.kinds().contains(cursor.kind())
        && (concern.isEmpty() || concern.get().test(cursor, attribution));
  }
}
