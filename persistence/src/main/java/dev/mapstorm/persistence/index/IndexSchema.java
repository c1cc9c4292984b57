package dev.mapstorm.persistence.index;

import dev.mapstorm.persistence.replay.FoldSnapshot;
import dev.mapstorm.persistence.store.SqliteTables;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** The tables of an index, and what in its file says that they are these. */
final class IndexSchema {
  /** Says in the file's header that it is mapstorm's index: the letters {@code msti}. */
  private static final int APPLICATION_ID = 0x6d737469;

  /**
   * Kept as SQLite's user version; to be raised when a table changes, or when a fold comes to mean
   * something else by the same fields ({@link FoldSnapshot#shape} notices other fields).
   */
  private static final int LAYOUT = 2;

  private static final SqliteTables TABLES =
      new SqliteTables(IndexSchema.class, "sqlite-index.sql");

  private IndexSchema() {}

  /** Makes the tables where there are none, even if another process is about to. */
  static void createIfEmpty(Statement statement) throws SQLException {
    if (isEmpty(statement)) {
      statement.execute("BEGIN IMMEDIATE");
      if (isEmpty(statement)) {
        create(statement);
      }
      statement.execute("COMMIT");
    }
  }

  private static void create(Statement statement) throws SQLException {
    TABLES.create(statement);
    statement.execute("INSERT INTO fold VALUES (%d)".formatted(FoldSnapshot.shape()));
    statement.execute("PRAGMA application_id = " + APPLICATION_ID);
    statement.execute("PRAGMA user_version = " + LAYOUT);
  }

  /**
   * Makes sure that the database {@code schema} of the connection holds these tables.
   *
   * @throws UntrustedIndexException if not
   */
  static void check(Statement statement, String schema) throws SQLException {
    require(
        number(statement, "PRAGMA %s.application_id".formatted(schema)) == APPLICATION_ID
            && number(statement, "PRAGMA %s.user_version".formatted(schema)) == LAYOUT);
    Optional<String> flaw = TABLES.flaw(statement, schema);
    if (flaw.isPresent()) {
      throw new UntrustedIndexException(flaw.get());
    }
    require(
        number(statement, "SELECT shape FROM %s.fold".formatted(schema)) == FoldSnapshot.shape());
  }

  private static void require(boolean ours) {
    if (!ours) {
      throw new UntrustedIndexException("it was made by another version of mapstorm");
    }
  }

  private static boolean isEmpty(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT count(*) FROM sqlite_master")) {
      return row.getInt(1) == 0;
    }
  }

  private static int number(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.getInt(1);
    }
  }
}
