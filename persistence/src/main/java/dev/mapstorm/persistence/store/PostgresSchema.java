package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of {@code postgres-journal.sql} in a database, and what later versions added ({@code
 * postgres-schema-2.sql} and so on): made once, by {@code mapstorm db init}, which also brings
 * those of an earlier version up to date, and looked at by everybody else before they are used.
 * They stand in the schema that the connection creates in, by default {@code public}.
 */
public final class PostgresSchema {
  /** Of the tables, kept in {@code mapstorm_schema}. */
  public static final int VERSION = 2;

  /** What {@link #create} answers where there were no tables. */
  public static final int NONE = 0;

  private static final String VERSION_TABLE = "mapstorm_schema";
  private static final List<String> TABLES =
      List.of("event_journal", "event_tag", "snapshot", "stream_writer", "node_death");

  /** Of the lock that two who make the tables at the same time take in turn: the letters mstj. */
  private static final long LOCK = 0x6d73746aL;

  private static final String PRESENT =
      "SELECT table_name FROM information_schema.tables"
          + " WHERE table_schema = current_schema() AND table_name = ANY (?) ORDER BY table_name";

  /** Enabled on ordinary sessions; as a letter, because a trigger that is off is there too. */
  private static final String TRIGGER =
      "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event_journal'::regclass"
          + " AND tgname = 'one_writer' AND tgenabled IN ('O', 'A')";

  private final DatabaseAddress address;

  /** The tables of the database at {@code address}, whether there are any or not. */
  public PostgresSchema(DatabaseAddress address) {
    this.address = address;
  }

  /**
   * Makes the tables, or adds what an earlier version lacks, all in one transaction.
   *
   * @return the version of the tables that were there, {@link #NONE} if there were none; they are
   *     as they have to be now
   * @throws StoreException if the database cannot be reached or written, or has tables of the same
   *     names that are not those of this version of mapstorm
   */
  public int create() {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
      List<String> present = present(connection);
      int before = present.isEmpty() ? NONE : version(connection, present);
      if (before == NONE) {
        statement.execute(Resources.text(PostgresSchema.class, "postgres-journal.sql"));
      }
      for (int next = Math.max(before, 1) + 1; next <= VERSION; next++) {
        statement.execute(
            Resources.text(PostgresSchema.class, "postgres-schema-%d.sql".formatted(next)));
      }
      check(connection);
      connection.commit();
      return before;
    } catch (SQLException e) {
      throw failed(address, e);
    }
  }

  /**
   * Makes sure that the tables are there and are those of this version.
   *
   * @throws StoreException if not, or if the database cannot be reached
   */
  public void check() {
    try (Connection connection = address.connect()) {
      check(connection);
    } catch (SQLException e) {
      throw failed(address, e);
    }
  }

  void check(Connection connection) throws SQLException {
    List<String> present = present(connection);
    if (present.isEmpty()) {
      throw new StoreException(
          "the database %s has no journal yet; mapstorm db init makes it".formatted(address));
    }
    int version = version(connection, present);
    if (version != VERSION) {
      throw new StoreException(
          "the database %s has a journal of schema version %d, this version of mapstorm uses version %d%s"
              .formatted(
                  address,
                  version,
                  VERSION,
                  version < VERSION ? "; mapstorm db init adds what is new" : ""));
    }
    List<String> missing = new ArrayList<>(TABLES);
    missing.removeAll(present);
    if (!missing.isEmpty()) {
      throw new StoreException(
          "the journal in the database %s lacks %s".formatted(address, inWords(missing)));
    }
    if (number(connection, TRIGGER) != 1) {
      throw new StoreException(
          "the journal in the database %s lacks the trigger one_writer, or it is switched off: two nodes could write the"
                  .formatted(address)
              + " same host");
    }
  }

  private int version(Connection connection, List<String> present) throws SQLException {
    if (!present.contains(VERSION_TABLE)) {
      throw new StoreException(
          "the database %s has %s, made by something else than mapstorm: mapstorm needs a database or a schema of its own"
              .formatted(address, inWords(present)));
    }
    return (int) number(connection, "SELECT max(version) FROM " + VERSION_TABLE);
  }

  private static List<String> present(Connection connection) throws SQLException {
    List<String> wanted = new ArrayList<>(TABLES);
    wanted.add(VERSION_TABLE);
    List<String> present = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(PRESENT)) {
      query.setArray(1, connection.createArrayOf("text", wanted.toArray()));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          present.add(rows.getString(1));
        }
      }
    }
    return present;
  }

  private static String inWords(List<String> tables) {
    return (tables.size() == 1 ? "the table " : "the tables ") + String.join(", ", tables);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** What a user is told about a database that cannot be used. */
  static StoreException failed(DatabaseAddress address, SQLException e) {
    String why = SqlErrors.clause(e);
    if (SqlErrors.isDamage(e)) {
      return new DamagedJournalException(
          "the database %s is damaged: %s".formatted(address, why), e);
    }
    return SqlErrors.isUnreachable(e)
        ? new UnreachableStoreException(
            "the database %s cannot be reached: %s".formatted(address, why), e)
        : new StoreException("the database %s cannot be used: %s".formatted(address, why), e);
  }
}
