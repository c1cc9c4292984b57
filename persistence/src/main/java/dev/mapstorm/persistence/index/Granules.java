package dev.mapstorm.persistence.index;

import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;

/**
 * The granules of IOVA space that an event names: the range that is allocated, mapped, cleared,
 * queued, freed or asked to be invalidated, or the granule that faulted. An invalidation of a whole
 * domain names none, and what a page-selective one covers beyond its range does not count. Not
 * thread-safe.
 */
public final class Granules {
  private static final EventArgument PFN = EventArgument.named("pfn");
  private static final EventArgument PAGES = EventArgument.named("pages");

  private long first;
  private long pages;

  /** Whether events of a kind can name granules. */
  public static boolean canBeNamedBy(EventKind kind) {
    return PFN.isOf(kind);
  }

  /** Looks at an event; false if it names none. */
  public boolean of(EventCursor event) {
    if (!event.has(PFN)) {
      return false;
    }
    first = event.get(PFN);
    pages = event.has(PAGES) ? event.get(PAGES) : 1;
    return pages > 0;
  }

  /** First granule of the event that was looked at last. */
  public long first() {
    return first;
  }

  /** Last granule of it. */
  public long last() {
    return first + pages - 1;
  }

  /** Whether it holds a granule. */
  public boolean hold(long pfn) {
    return pfn >= first && pfn - first < pages;
  }
}
