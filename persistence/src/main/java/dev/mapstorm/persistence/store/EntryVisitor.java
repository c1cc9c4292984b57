package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.JournalEntry;

/** Takes the entries of a stream, one by one and in order. */
@FunctionalInterface
public interface EntryVisitor {
  /** Takes the next entry; returns whether to go on. */
  boolean visit(JournalEntry entry);
}
