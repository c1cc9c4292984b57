package dev.mapstorm.persistence.store;

import java.sql.SQLException;
import java.util.Optional;

/** Rows of one stream, one after the other. Not thread-safe. */
interface EntryRows extends AutoCloseable {
  /** The next row; empty behind the last. */
  Optional<EntryRow> next() throws SQLException;

  /** Gives its connection back. */
  @Override
  void close() throws SQLException;
}
