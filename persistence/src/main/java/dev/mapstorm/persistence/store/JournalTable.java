package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamId;
import java.sql.SQLException;
import java.util.SortedMap;

/**
 * How the rows of a journal's table are found. What stands in them is not looked at. Thread-safe.
 */
interface JournalTable {
  /**
   * The streams that there are, by host.
   *
   * @throws StoreException if they are not those of one run
   */
  SortedMap<Integer, StreamId> streams() throws SQLException;

  /**
   * The rows of a stream in the order of their entries; to be closed.
   *
   * @param passed entries to leave out
   */
  EntryRows rows(StreamId stream, long passed) throws SQLException;

  /** Entries of a stream, by the number of the last one; 0 if there is none. */
  long entries(StreamId stream) throws SQLException;
}
