package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.sqlite.SQLiteConfig;

/**
 * The tables of an SQLite file as the script makes them that stands beside a class, and whether a
 * file that somebody else gave holds these and nothing else. A view that is called like a table may
 * have rows without end, a column may be computed and a trigger may do anything, so this is to be
 * asked before a table is read. Immutable and thread-safe.
 */
public final class SqliteTables {
  /**
   * For every connection to a file that somebody else may have made: what its schema calls can then
   * do no harm (SQLite, "Security Considerations").
   */
  public static final String NO_TRUST = "PRAGMA trusted_schema = OFF";

  private static final String OBJECTS = "SELECT type, name, sql FROM %s.sqlite_master";

  /**
   * What SQLite makes itself: indexes of keys, and what ANALYZE found out. It reads the latter from
   * ordinary tables only.
   */
  private static final Pattern OF_SQLITE =
      Pattern.compile("index sqlite_autoindex_\\w+|table sqlite_stat[134]");

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final String script;

  /** Definitions, by type and name: {@code table snapshot}. */
  private final Map<String, String> made = new TreeMap<>();

  /** The tables of the script {@code name}, whose statements end with semicolons. */
  public SqliteTables(Class<?> beside, String name) {
    script = Resources.text(beside, name);
    try (Connection empty = new SQLiteConfig().createConnection("jdbc:sqlite::memory:");
        Statement statement = empty.createStatement()) {
      create(statement);
      try (ResultSet objects = statement.executeQuery(OBJECTS.formatted("main"))) {
        while (objects.next()) {
          if (!isOfSqlite(objects)) {
            made.put(object(objects), definition(objects));
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the tables. */
  public void create(Statement statement) throws SQLException {
    for (String table : script.split(";")) {
      if (!table.isBlank()) {
        statement.execute(table);
      }
    }
  }

  /**
   * What in a file is not as the script makes it, as a clause about the file; empty if all is.
   * Reads the schema and no table.
   *
   * @param schema name of the database on the connection, such as {@code main}
   */
  public Optional<String> flaw(Statement statement, String schema) throws SQLException {
    Map<String, String> missing = new TreeMap<>(made);
    try (ResultSet objects = statement.executeQuery(OBJECTS.formatted(schema))) {
      while (objects.next()) {
        String definition = missing.remove(object(objects));
        if (definition == null) {
          if (!isOfSqlite(objects)) {
            return Optional.of(
                "it has a %s, which mapstorm does not make".formatted(object(objects)));
          }
        } else if (!definition.equals(definition(objects))) {
          return Optional.of(
              "its %s is defined in another way than mapstorm does".formatted(object(objects)));
        }
      }
    }
    return missing.keySet().stream().findFirst().map("it has no %s"::formatted);
  }

  /**
   * Whether a table is an ordinary one with stored columns, so that reading a row of it ends. That
   * is all to be asked of a damaged file.
   */
  static boolean isOrdinary(Statement statement, String table) throws SQLException {
    try (ResultSet object =
        statement.executeQuery(
            "SELECT type, sql FROM sqlite_master WHERE name = '%s'".formatted(table))) {
      while (object.next()) {
        String sql = String.valueOf(object.getString(2)).toUpperCase(Locale.ROOT);
        if (!"table".equals(object.getString(1)) || !sql.startsWith("CREATE TABLE")) {
          return false;
        }
      }
    }
    // A column that is not stored is marked as hidden.
    try (ResultSet columns = statement.executeQuery("PRAGMA table_xinfo(%s)".formatted(table))) {
      while (columns.next()) {
        if (columns.getInt("hidden") != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isOfSqlite(ResultSet object) throws SQLException {
    return OF_SQLITE.matcher(object(object)).matches();
  }

  private static String object(ResultSet object) throws SQLException {
    return object.getString(1) + " " + object.getString(2);
  }

  private static String definition(ResultSet object) throws SQLException {
    return BLANKS.matcher(String.valueOf(object.getString(3))).replaceAll(" ");
  }
}
