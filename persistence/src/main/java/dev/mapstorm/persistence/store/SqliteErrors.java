package dev.mapstorm.persistence.store;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite says, in words for a user. */
final class SqliteErrors {
  /** The driver's message: code, its meaning, and in brackets what SQLite said. */
  private static final Pattern MESSAGE =
      Pattern.compile("\\[SQLITE_\\w+]\\s.*?\\((.*)\\)", Pattern.DOTALL);

  /** Extended result codes keep the primary one in their low byte. */
  private static final int PRIMARY = 0xff;

  private SqliteErrors() {}

  /** Whether the file is at fault, not its being used, locked or out of reach. */
  static boolean isDamage(SQLException e) {
    if (!(e instanceof SQLiteException sqlite)) {
      return false;
    }
    int code = sqlite.getResultCode().code & PRIMARY;
    // A damaged schema names tables and columns that are not there: SQLite's plain error.
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code
        || code == SQLiteErrorCode.SQLITE_NOTADB.code
        || code == SQLiteErrorCode.SQLITE_IOERR.code
        || code == SQLiteErrorCode.SQLITE_ERROR.code;
  }

  /** The reason in one clause. */
  static String clause(SQLException e) {
    Matcher message = MESSAGE.matcher(String.valueOf(e.getMessage()));
    return "SQLite says: " + (message.matches() ? message.group(1) : e.getMessage());
  }
}
