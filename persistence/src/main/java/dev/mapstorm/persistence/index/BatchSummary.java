package dev.mapstorm.persistence.index;

import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a batch holds, as far as that says whether it must be read.
 *
 * @param number counts a host's batches from 0
 * @param eventsBefore events of the host before it
 * @param events events in it, at least 1
 * @param first instant of the first event
 * @param last instant of the last event
 * @param kinds codes of the kinds that occur
 * @param clients whose events occur
 * @param devices that occur in any event
 * @param locks codes of the lock classes that occur
 * @param joined clients that no batch before shows at work for a device, each with its device
 * @param lowestPfn lowest granule that an event {@linkplain Granules names}; above {@code
 *     highestPfn} if none does
 * @param highestPfn highest such granule
 * @param callers the calls and invalidations under way behind it, as {@link InFlight#callers} gives
 *     them; not to be written to
 * @param hash of the batch in the journal; not to be written to
 */
public record BatchSummary(
    long number,
    long eventsBefore,
    int events,
    long first,
    long last,
    BitSet kinds,
    BitSet clients,
    BitSet devices,
    BitSet locks,
    SortedMap<Integer, Integer> joined,
    long lowestPfn,
    long highestPfn,
    long[] callers,
    byte[] hash) {
  private static final EventArgument CLIENT = EventArgument.named("client");
  private static final EventArgument DEVICE = EventArgument.named("device");
  private static final EventArgument LOCK = EventArgument.named("lock");

  /**
   * Sums up a batch while a fold takes its events in.
   *
   * @param events its events
   * @param fold all events of the host before it
   * @param known clients whose device is known
   */
  static BatchSummary of(EventBatch batch, EventWords events, HostFold fold, BitSet known) {
    long eventsBefore = fold.events();
    Attribution attribution = new Attribution(fold.inFlight());
    BitSet clients = new BitSet();
    BitSet devices = new BitSet();
    BitSet locks = new BitSet();
    SortedMap<Integer, Integer> joined = new TreeMap<>();
    long lowest = Long.MAX_VALUE;
    long highest = -1;
    Granules granules = new Granules();
    EventCursor event = EventCursor.of(events);
    while (event.next()) {
      event.to(fold);
      long client = attribution.get(event, CLIENT);
      if (client >= 0) {
        clients.set((int) client);
      }
      add(event, DEVICE, devices);
      add(event, LOCK, locks);
      if (event.has(DEVICE) && event.has(CLIENT) && !known.get((int) event.get(CLIENT))) {
        joined.putIfAbsent((int) event.get(CLIENT), (int) event.get(DEVICE));
      }
      if (granules.of(event)) {
        lowest = Math.min(lowest, granules.first());
        highest = Math.max(highest, granules.last());
      }
    }
    return new BatchSummary(
        batch.index(),
        eventsBefore,
        batch.count(),
        batch.first(),
        batch.last(),
        kinds(batch),
        clients,
        devices,
        locks,
        joined,
        lowest,
        highest,
        fold.inFlight().callers(),
        batch.hash());
  }

  /** What is in flight behind it, as far as it says whose events are. */
  public InFlight behind() {
    return InFlight.resumed(callers);
  }

  private static void add(EventCursor event, EventArgument argument, BitSet into) {
    if (event.has(argument)) {
      long value = event.get(argument);
      if (value >= 0) {
        into.set((int) value);
      }
    }
  }

  private static BitSet kinds(EventBatch batch) {
    BitSet kinds = new BitSet(EventKind.CODES);
    for (int code = 0; code < batch.kindCounts().length; code++) {
      if (batch.kindCounts()[code] > 0) {
        kinds.set(code);
      }
    }
    return kinds;
  }

  /** Events of the host up to its end. */
  public long eventsBehind() {
    return eventsBefore + events;
  }

  /** The place in the host's stream behind it. */
  public StreamPosition positionBehind() {
    return new StreamPosition(number + 1, eventsBehind(), hash);
  }
}
