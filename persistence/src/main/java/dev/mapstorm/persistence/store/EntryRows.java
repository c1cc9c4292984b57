package dev.mapstorm.persistence.store;

import java.sql.SQLException;
import java.util.Optional;

/** Rows of one stream, one after the other. Not thread-safe. */
interface EntryRows extends AutoCloseable {
  /**
   * The next row; empty behind the last.
   *
   * @throws FlawedRowException if there should be one and is not
   */
  Optional<EntryRow> next() throws SQLException;

  /** Gives its connection back. */
  @Override
  void close() throws SQLException;
}
