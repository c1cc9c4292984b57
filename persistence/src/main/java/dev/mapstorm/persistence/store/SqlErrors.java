package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.pekko.DiskFull;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a store's database says, in words for a user. */
public final class SqlErrors {
  /** A file of SQLite's own beside the database could not be made or written. */
  private static final Set<SQLiteErrorCode> NOT_WRITTEN =
      EnumSet.of(
          SQLiteErrorCode.SQLITE_IOERR_SHMOPEN,
          SQLiteErrorCode.SQLITE_IOERR_SHMSIZE,
          SQLiteErrorCode.SQLITE_IOERR_SHMMAP,
          SQLiteErrorCode.SQLITE_IOERR_WRITE,
          SQLiteErrorCode.SQLITE_IOERR_FSYNC,
          SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC,
          SQLiteErrorCode.SQLITE_IOERR_TRUNCATE);

  /** The message of SQLite's driver: code, its meaning, and in brackets what SQLite said. */
  private static final Pattern SQLITE_MESSAGE =
      Pattern.compile("\\[SQLITE_\\w+]\\s.*?\\((.*)\\)", Pattern.DOTALL);

  /** Extended result codes of SQLite keep the primary one in their low byte. */
  private static final int PRIMARY = 0xff;

  /** PostgreSQL's class of what is damaged: data or an index. */
  private static final Pattern POSTGRES_DAMAGE = Pattern.compile("XX00[12]");

  /** No connection, no entry, no such database, or a server that starts or stops. */
  private static final Pattern POSTGRES_UNREACHABLE = Pattern.compile("08...|28...|3D000|57P0.");

  private SqlErrors() {}

  /** Whether what is stored is at fault, not its being used, locked or out of reach. */
  static boolean isDamage(SQLException e) {
    if (isNotWritten(e)) {
      return false;
    }
    if (e instanceof SQLiteException sqlite) {
      int code = sqlite.getResultCode().code & PRIMARY;
      // A damaged schema names tables and columns that are not there: SQLite's plain error.
      return code == SQLiteErrorCode.SQLITE_CORRUPT.code
          || code == SQLiteErrorCode.SQLITE_NOTADB.code
          || code == SQLiteErrorCode.SQLITE_IOERR.code
          || code == SQLiteErrorCode.SQLITE_ERROR.code;
    }
    return e instanceof PSQLException && POSTGRES_DAMAGE.matcher(state(e)).matches();
  }

  /**
   * Whether SQLite could not write, as where the disk is full: it writes beside a database that is
   * only read, too.
   */
  static boolean isNotWritten(SQLException e) {
    return e instanceof SQLiteException sqlite && NOT_WRITTEN.contains(sqlite.getResultCode());
  }

  /** Whether a server does not answer, or does not let one in. */
  static boolean isUnreachable(SQLException e) {
    return e instanceof PSQLException && POSTGRES_UNREACHABLE.matcher(state(e)).matches();
  }

  /** The five letters of the SQL standard; empty if it has none. */
  static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /** The reason in one clause. */
  public static String clause(SQLException e) {
    String said = e instanceof PSQLException postgres ? postgresClause(postgres) : sqliteClause(e);
    if (!DiskFull.isCause(e)) {
      return said;
    }
    return e instanceof PSQLException
        ? "%s there (%s); mapstorm db prune removes runs".formatted(DiskFull.WORDS, said)
        : "%s (%s); mapstorm prune removes runs".formatted(DiskFull.WORDS, said);
  }

  private static String sqliteClause(SQLException e) {
    Matcher message = SQLITE_MESSAGE.matcher(String.valueOf(e.getMessage()));
    String said = "SQLite says: " + (message.matches() ? message.group(1) : e.getMessage());
    return isNotWritten(e)
        ? "a file beside it cannot be written, most likely because %s; %s"
            .formatted(DiskFull.WORDS, said)
        : said;
  }

  /** What the server said, or else its driver. */
  private static String postgresClause(PSQLException e) {
    if (e.getServerErrorMessage() != null && e.getServerErrorMessage().getMessage() != null) {
      return "PostgreSQL says: " + e.getServerErrorMessage().getMessage();
    }
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    return deepest == e || deepest.getMessage() == null
        ? message
        : "%s (%s)".formatted(message, deepest.getMessage());
  }
}
