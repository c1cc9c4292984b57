package dev.mapstorm.persistence.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/**
 * The embedded journal: one SQLite file in write-ahead mode, written by pekko-persistence-jdbc. The
 * settings are those that measured best for entries of some 100 KB: pages of 32 KiB, one writer. A
 * write is acknowledged once it is on the disk. The file may be read while it is written, by any
 * process of the same machine; it does not belong on a network file system.
 */
public final class SqliteJournal implements JournalStore {
  static final int PAGE_BYTES = 32 * 1024;
  private static final int BUSY_TIMEOUT_MS = 10_000;

  /** Says in the file's header that it is mapstorm's: the letters {@code mstj}. */
  private static final int APPLICATION_ID = 0x6d73746a;

  /** Of the tables in {@code sqlite-journal.sql}, kept as SQLite's user version. */
  private static final int LAYOUT = 1;

  private static final SqliteTables TABLES;

  static {
    SqliteLibrary.place();
    TABLES = new SqliteTables(SqliteJournal.class, "sqlite-journal.sql");
  }

  private final Path file;

  /** The journal in {@code file}, which need not exist yet. */
  public SqliteJournal(Path file) {
    this.file = file.toAbsolutePath().normalize();
    if (file.toString().indexOf('?') >= 0) {
      throw new StoreException(
          "%s: a journal's path cannot contain '?', SQLite's driver takes what follows for options"
              .formatted(file));
    }
  }

  @Override
  public void create() {
    if (Files.exists(file)) {
      throw new StoreException("%s exists already".formatted(file));
    }
    try (Connection connection = new SQLiteConfig().createConnection(url());
        Statement statement = connection.createStatement()) {
      // The size of pages is settled by the first page, which the change of mode writes.
      statement.execute("PRAGMA page_size = " + PAGE_BYTES);
      statement.execute("PRAGMA journal_mode = WAL");
      connection.setAutoCommit(false);
      TABLES.create(statement);
      statement.execute("PRAGMA application_id = " + APPLICATION_ID);
      statement.execute("PRAGMA user_version = " + LAYOUT);
      connection.commit();
    } catch (SQLException e) {
      throw new StoreException("%s cannot be created: %s".formatted(file, SqlErrors.clause(e)), e);
    }
  }

  @Override
  public void check() {
    SqliteHeader header = header();
    try (Connection connection = openReadOnly();
        Statement statement = connection.createStatement()) {
      if (pragma(statement, "application_id") != APPLICATION_ID) {
        throw new StoreException(
            "%s is an SQLite database, but not a mapstorm journal".formatted(file));
      }
      int layout = pragma(statement, "user_version");
      if (layout != LAYOUT) {
        throw new StoreException(
            "%s is a journal with table layout %d, this version of mapstorm uses layout %d"
                .formatted(file, layout, LAYOUT));
      }
      Optional<String> flaw = TABLES.flaw(statement, "main");
      if (flaw.isPresent()) {
        throw new StoreException("%s is not a mapstorm journal: %s".formatted(file, flaw.get()));
      }
      table().checkComplete();
    } catch (SQLException e) {
      if (!SqlErrors.isDamage(e)) {
        throw new StoreException("%s cannot be opened: %s".formatted(file, SqlErrors.clause(e)), e);
      }
      String why =
          header.missingBytes() > 0
              ? "its last %d bytes are missing".formatted(header.missingBytes())
              : SqlErrors.clause(e);
      throw new DamagedJournalException("%s is damaged: %s".formatted(file, why), e);
    }
    WriteAheadLog.check(log());
  }

  private SqliteHeader header() {
    if (!Files.isRegularFile(file)) {
      throw new StoreException("%s does not exist or is not a file".formatted(file));
    }
    return SqliteHeader.of(file);
  }

  private long logBytes() {
    try {
      return Files.exists(log()) ? Files.size(log()) : 0;
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(log(), FileErrors.reason(e)), e);
    }
  }

  /** The write-ahead log, which need not exist. */
  private Path log() {
    return file.resolveSibling(file.getFileName() + "-wal");
  }

  private static int pragma(Statement statement, String name) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA " + name)) {
      return row.getInt(1);
    }
  }

  @Override
  public Config pekkoConfig() {
    return ConfigFactory.parseString(Resources.text(SqliteJournal.class, "sqlite.conf"))
        .withFallback(ConfigFactory.parseString(Resources.text(SqliteJournal.class, "jdbc.conf")))
        .withValue(
            "pekko-persistence-jdbc.shared-databases.slick.db.url",
            ConfigValueFactory.fromAnyRef(url()));
  }

  /**
   * Writes what is in the write-ahead log into the file and empties the log, so that nothing of an
   * interrupted writer stands behind what the next one writes. To be called by the one who is going
   * to write.
   *
   * @throws StoreException if that is not possible
   */
  void emptyLog() {
    try (Connection connection = new SQLiteConfig().createConnection(url());
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException e) {
      throw new StoreException("%s cannot be written: %s".formatted(file, SqlErrors.clause(e)), e);
    }
  }

  @Override
  public JournalReader reader() {
    return new JournalReader(table(), description());
  }

  private IndexedJournal table() {
    return new IndexedJournal(this::openReadOnly, JournalScope.FILE, description());
  }

  @Override
  public Salvage salvage(ReadProgress progress) {
    long fileBytes = header().fileBytes() + logBytes();
    List<String> wrong = new ArrayList<>();
    try {
      check();
    } catch (StoreException e) {
      wrong.add(e.getMessage());
    }
    try {
      requireOrdinaryTable();
      return Salvage.of(
          SalvagedJournal.scan(this::openDamaged, fileBytes), description(), wrong, progress);
    } catch (SQLException e) {
      throw new StoreException(
          "nothing of the %s can be read: %s".formatted(description(), SqlErrors.clause(e)), e);
    }
  }

  private void requireOrdinaryTable() throws SQLException {
    try (Connection connection = openDamaged();
        Statement statement = connection.createStatement()) {
      if (!SqliteTables.isOrdinary(statement, "event_journal")) {
        throw new StoreException(
            "nothing of the %s can be read: its event_journal is not an ordinary table"
                .formatted(description()));
      }
    }
  }

  @Override
  public CheckpointReader checkpoints() {
    return new CheckpointReader(this::openReadOnly);
  }

  @Override
  public String description() {
    return "SQLite journal " + file;
  }

  private Connection openReadOnly() throws SQLException {
    // A page is checked as a whole when it is read, not where a query happens to touch it.
    return openReadOnly("PRAGMA cell_size_check = ON");
  }

  /**
   * Like {@link #openReadOnly()}, but a file that is shorter than it says is read as far as it is.
   */
  private Connection openDamaged() throws SQLException {
    return openReadOnly("PRAGMA cell_size_check = ON", "PRAGMA writable_schema = ON");
  }

  private Connection openReadOnly(String... settings) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    if (isSealed()) {
      return prepared(config.createConnection(sealedUrl()), settings);
    }
    try {
      return prepared(config.createConnection(url()), settings);
    } catch (SQLException e) {
      if (SqlErrors.isNotWritten(e) && logBytes() == 0) {
        // The disk is full. All is in the file, and nothing can be added.
        return prepared(config.createConnection(sealedUrl()), settings);
      }
      throw e;
    }
  }

  /** A connection that was used once, so that what beside the file is needed is there. */
  private static Connection prepared(Connection connection, String... settings)
      throws SQLException {
    after(connection, SqliteTables.NO_TRUST);
    for (String setting : settings) {
      after(connection, setting);
    }
    return after(connection, "PRAGMA schema_version");
  }

  private static Connection after(Connection connection, String pragma) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(pragma);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Whether nobody can be writing it: SQLite would refuse to read it without the files beside it
   * that it cannot make there.
   */
  private boolean isSealed() {
    return !Files.isWritable(file.getParent()) && !Files.exists(log());
  }

  private String sealedUrl() {
    return "jdbc:sqlite:file:" + file.toUri().getRawPath() + "?immutable=1";
  }

  private String url() {
    return "jdbc:sqlite:" + file;
  }
}
