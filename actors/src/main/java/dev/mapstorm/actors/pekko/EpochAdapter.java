package dev.mapstorm.actors.pekko;

import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.EventSeq;

/**
 * Writes the epoch of a writer's claim into the journal beside each of its events, as their
 * adapter's manifest: there the store sees it without reading events. Without a claim the manifest
 * is empty.
 *
 * @param <E> what is journaled; it stays as it is
 */
public final class EpochAdapter<E> extends EventAdapter<E, E> {
  private final String manifest;

  /** An adapter for one incarnation. */
  public EpochAdapter(long epoch) {
    manifest = epoch == WriterClaim.NO_EPOCH ? "" : Long.toString(epoch);
  }

  @Override
  public E toJournal(E event) {
    return event;
  }

  @Override
  public String manifest(E event) {
    return manifest;
  }

  @Override
  public EventSeq<E> fromJournal(E event, String writtenUnder) {
    return EventSeq.single(event);
  }
}
