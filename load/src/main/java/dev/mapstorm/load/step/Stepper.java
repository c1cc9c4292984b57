package dev.mapstorm.load.step;

import dev.mapstorm.load.diff.NumberedEvent;
import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.index.Granules;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.index.IndexedBatches;
import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * Stands in the events of a recorded host: at one of them, or before the first. Searches pass the
 * batches that cannot hold what is looked for without reading them. Not thread-safe.
 */
final class Stepper implements AutoCloseable {
  /** How far the state at hand is folded on rather than taken up from the index again. */
  private static final long FOLDED_ON = 250_000;

  private final HostIndex index;
  private final IndexedBatches batches;
  private final ReadProgress progress;
  private long current = -1;
  private HostFold fold;

  /**
   * Before the first event of a host, of which everything that is journaled now is seen.
   *
   * @param progress hears how far a search is
   */
  Stepper(HostIndex index, ReadProgress progress) {
    this.index = index;
    this.progress = progress;
    batches = index.events(Moment.END, progress);
  }

  /**
   * Where a search went.
   *
   * @param found how many of the events that were looked for
   * @param shown the last of them, in the order in which they were passed
   */
  record Passed(long found, List<NumberedEvent> shown) {}

  /** Events of the host. */
  long events() {
    return batches.events();
  }

  /** Batches of the host. */
  int batches() {
    return batches.summaries().size();
  }

  /** Number of the event that it stands at; -1 before the first. */
  long current() {
    return current;
  }

  /** Number of the batch that holds an event. */
  int batchOf(long event) {
    return batches.batchOf(event);
  }

  /** Goes to an event; -1 for before the first. */
  void goTo(long event) {
    current = event;
  }

  /** Number of the last event up to and at an instant; -1 if there is none. */
  long lastUpTo(long t) {
    List<BatchSummary> all = batches.summaries();
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).first() <= t) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == 0) {
      return -1;
    }
    EventCursor event = EventCursor.of(batches.events(low - 1));
    long last = before(low - 1) - 1;
    while (event.next() && event.t() <= t) {
      last++;
    }
    return last;
  }

  /** An event by its number. */
  NumberedEvent event(long number) {
    List<Event> one = new ArrayList<>();
    scan(number).to(new EventRecorder(one::add));
    return new NumberedEvent(number, one.get(0));
  }

  /** The first granule that the event at hand names; empty if it names none. */
  OptionalLong pfn() {
    Granules granules = new Granules();
    return current >= 0 && granules.of(scan(current))
        ? OptionalLong.of(granules.first())
        : OptionalLong.empty();
  }

  private EventCursor scan(long number) {
    int batch = batches.batchOf(number);
    EventCursor event = EventCursor.of(batches.events(batch));
    for (long left = number - before(batch); left >= 0; left--) {
      event.next();
    }
    return event;
  }

  private long before(int batch) {
    return batches.summaries().get(batch).eventsBefore();
  }

  /**
   * Goes to the last of the next {@code count} events that are looked for, or of as many as there
   * are; stays if there are none.
   *
   * @param mostShown how many of them are returned at most
   */
  Passed next(EventFilter filter, long count, int mostShown) {
    Found found = new Found(count, mostShown);
    if (filter.isAny()) {
      found.run(current + 1, Math.min(count, events() - 1 - current), 1);
    } else {
      forward(filter, found);
    }
    return arrive(found);
  }

  /** The same backwards, with the previous events. */
  Passed previous(EventFilter filter, long count, int mostShown) {
    Found found = new Found(count, mostShown);
    if (filter.isAny()) {
      found.run(current - 1, Math.min(count, Math.max(current, 0)), -1);
    } else {
      backward(filter, found);
    }
    return arrive(found);
  }

  private Passed arrive(Found found) {
    if (found.count > 0) {
      current = found.last;
    }
    return new Passed(found.count, found.kept.stream().map(this::event).toList());
  }

  private void forward(EventFilter filter, Found found) {
    long from = current + 1;
    if (from >= events()) {
      return;
    }
    int first = batches.batchOf(from);
    for (int i = first; i < batches() && !found.enough(); i++) {
      BatchSummary batch = batches.summaries().get(i);
      if (filter.canMatchIn(batch)) {
        tell(batch.eventsBefore() - from, events() - from);
        long number = batch.eventsBefore();
        InFlight inFlight = batches.before(i);
        Attribution attribution = new Attribution(inFlight);
        EventCursor event = EventCursor.of(batches.events(i));
        while (!found.enough() && event.next()) {
          event.to(inFlight);
          if (number >= from && filter.matches(event, attribution)) {
            found.add(number);
          }
          number++;
        }
      }
    }
  }

  private void backward(EventFilter filter, Found found) {
    if (current <= 0) {
      return;
    }
    long[] matching = new long[64];
    for (int i = batches.batchOf(current - 1); i >= 0 && !found.enough(); i--) {
      BatchSummary batch = batches.summaries().get(i);
      if (filter.canMatchIn(batch)) {
        tell(current - batch.eventsBehind(), current);
        int size = 0;
        long number = batch.eventsBefore();
        InFlight inFlight = batches.before(i);
        Attribution attribution = new Attribution(inFlight);
        EventCursor event = EventCursor.of(batches.events(i));
        while (number < current && event.next()) {
          event.to(inFlight);
          if (filter.matches(event, attribution)) {
            matching = size < matching.length ? matching : Arrays.copyOf(matching, size * 2);
            matching[size++] = number;
          }
          number++;
        }
        while (size > 0 && !found.enough()) {
          found.add(matching[--size]);
        }
      }
    }
  }

  private void tell(long done, long of) {
    progress.read((double) Math.max(0, done) / of, Math.max(0, done));
  }

  /** The host behind the event that it stands at. */
  HostState state() {
    long events = current + 1;
    if (fold == null || fold.events() > events || events - fold.events() > FOLDED_ON) {
      fold = index.fold(Moment.after(events), progress);
    } else {
      foldOn(events);
    }
    return fold.state();
  }

  private void foldOn(long events) {
    while (fold.events() < events) {
      int batch = batches.batchOf(fold.events());
      long number = before(batch);
      EventCursor event = EventCursor.of(batches.events(batch));
      while (number < events && event.next()) {
        if (number == fold.events()) {
          event.to(fold);
        }
        number++;
      }
    }
  }

  @Override
  public void close() {
    batches.close();
  }

  /** Numbers that a search found. */
  private static final class Found {
    private final long wanted;
    private final int mostKept;
    private final Deque<Long> kept = new ArrayDeque<>();
    private long last = -1;
    private long count;

    Found(long wanted, int mostKept) {
      this.wanted = wanted;
      this.mostKept = mostKept;
    }

    boolean enough() {
      return count >= wanted;
    }

    void add(long number) {
      count++;
      last = number;
      kept.addLast(number);
      if (kept.size() > mostKept) {
        kept.removeFirst();
      }
    }

    /** Adds {@code size} numbers in a row, of which only the last ones are looked at. */
    void run(long first, long size, int step) {
      // The last one is always added: the stepper goes there even if none is kept.
      long skipped = Math.max(0, size - Math.max(1, mostKept));
      count += skipped;
      for (long i = skipped; i < size; i++) {
        add(first + i * step);
      }
    }
  }
}
