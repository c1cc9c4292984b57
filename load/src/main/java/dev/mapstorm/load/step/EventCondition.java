package dev.mapstorm.load.step;

import dev.mapstorm.load.run.DeviceEvents;
import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.index.Granules;
import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.util.BitSet;
import java.util.Set;

/** What an event can be asked for, of itself and of whole batches. */
sealed interface EventCondition {
  /** Whether an event meets it; {@code attribution} knows the event. */
  boolean isMetBy(EventCursor event, Attribution attribution);

  /** Whether events of a kind can meet it. */
  boolean canBeMetBy(EventKind kind);

  /**
   * Whether a batch can hold an event that meets it; if not, it need not be read.
   *
   * @param kinds codes of the kinds that are looked for
   */
  boolean canBeMetIn(BatchSummary batch, BitSet kinds);

  /** It is of a kind. */
  record OfKind(EventKind kind) implements EventCondition {
    @Override
    public boolean isMetBy(EventCursor event, Attribution attribution) {
      return event.code() == kind.code();
    }

    @Override
    public boolean canBeMetBy(EventKind other) {
      return other == kind;
    }

    @Override
    public boolean canBeMetIn(BatchSummary batch, BitSet kinds) {
      return batch.kinds().get(kind.code());
    }
  }

  /** It concerns a device. */
  record OfDevice(DeviceEvents concern) implements EventCondition {
    @Override
    public boolean isMetBy(EventCursor event, Attribution attribution) {
      return concern.test(event, attribution);
    }

    /** Those that name neither a device nor a client can concern it through its domain. */
    @Override
    public boolean canBeMetBy(EventKind kind) {
      return true;
    }

    @Override
    public boolean canBeMetIn(BatchSummary batch, BitSet kinds) {
      return concern.canBeIn(batch, kinds);
    }
  }

  /** It is about a lock. */
  record OfLock(LockClass lock) implements EventCondition {
    private static final EventArgument LOCK = EventArgument.named("lock");

    @Override
    public boolean isMetBy(EventCursor event, Attribution attribution) {
      return event.has(LOCK) && event.get(LOCK) == lock.ordinal();
    }

    @Override
    public boolean canBeMetBy(EventKind kind) {
      return LOCK.isOf(kind);
    }

    @Override
    public boolean canBeMetIn(BatchSummary batch, BitSet kinds) {
      return batch.locks().get(lock.ordinal());
    }
  }

  /** It {@linkplain Granules names} one of some granules. */
  record Touching(Set<Long> pfns, Granules granules) implements EventCondition {
    Touching(Set<Long> pfns) {
      this(Set.copyOf(pfns), new Granules());
    }

    @Override
    public boolean isMetBy(EventCursor event, Attribution attribution) {
      if (!granules.of(event)) {
        return false;
      }
      for (long pfn : pfns) {
        if (granules.hold(pfn)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean canBeMetBy(EventKind kind) {
      return Granules.canBeNamedBy(kind);
    }

    @Override
    public boolean canBeMetIn(BatchSummary batch, BitSet kinds) {
      return pfns.stream().anyMatch(pfn -> pfn >= batch.lowestPfn() && pfn <= batch.highestPfn());
    }
  }

  /** An argument of the event, or of its call, has a value. */
  record HasValue(EventArgument argument, long value) implements EventCondition {
    private static final String CLIENT = "client";

    @Override
    public boolean isMetBy(EventCursor event, Attribution attribution) {
      return attribution.get(event, argument) == value;
    }

    @Override
    public boolean canBeMetBy(EventKind kind) {
      return Attribution.isOf(kind, argument);
    }

    @Override
    public boolean canBeMetIn(BatchSummary batch, BitSet kinds) {
      return !argument.name().equals(CLIENT) || batch.clients().get((int) value);
    }
  }
}
