package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections to a journal. */
@FunctionalInterface
interface ConnectionSource {
  /** A new connection that is only read from. */
  Connection open() throws SQLException;
}
