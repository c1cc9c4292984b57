package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventFanout;
import java.util.List;

/**
 * The life of an address: every event that concerns its granule, from the request that it was
 * allocated for to its reuse by another; or every event that concerns some clients.
 *
 * <p>Feed it a host's events from the first on. Events of a request that maps the granule are part
 * of its life. Flushes and invalidations are told while the granule's entry is cleared and not
 * free; those that drop a live translation of it are only counted ({@link #collateral}). Told by
 * client, flushes are left out, since a domain's clients share them. Not thread-safe.
 */
public final class IovaLife extends EventFanout {
  private final LifeBook book;

  /**
   * @param filter whose life
   * @param mostRows rows kept; further ones are counted in {@link #omitted}
   */
  public IovaLife(LifeFilter filter, int mostRows) {
    this(new LifeBook(filter, mostRows), new InFlight());
  }

  private IovaLife(LifeBook book, InFlight inFlight) {
    this(book, inFlight, new RequestChapter(book, inFlight));
  }

  private IovaLife(LifeBook book, InFlight inFlight, RequestChapter requests) {
    super(
        List.of(
            book,
            inFlight,
            requests,
            new RangeChapter(book, requests, inFlight),
            new FlushChapter(book, inFlight)));
    this.book = book;
  }

  /** The life so far, in the order of events. */
  public List<LifeRow> rows() {
    return book.rows();
  }

  /** Rows that were too many. */
  public long omitted() {
    return book.omitted();
  }

  /** Invalidations that dropped the granule's translation although it was mapped. */
  public long collateral() {
    return book.collateral();
  }
}
