package dev.mapstorm.persistence.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.protocol.event.StreamId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The journal of one run in a PostgreSQL database that many runs share, written by
 * pekko-persistence-jdbc from any number of nodes. Its tables are made once, by {@link
 * PostgresSchema}; the run's rows are those whose persistence id begins with its id. A write is
 * acknowledged when the database has committed it; what that is worth is a setting of the server's
 * ({@code synchronous_commit}, {@code fsync}).
 */
public final class PostgresJournal implements JournalStore {
  private static final String DB = "pekko-persistence-jdbc.shared-databases.slick.db.";
  private static final String OF_RUN = " WHERE persistence_id > ? AND persistence_id < ?)";

  /** Only the ends of the streams are read. */
  private static final String ACTIVE =
      "SELECT EXISTS (SELECT FROM stream_writer w"
          + " WHERE w.persistence_id > ? AND w.persistence_id < ? AND greatest(w.claimed_at,"
          + " (SELECT to_timestamp(j.write_timestamp / 1000.0) FROM event_journal j"
          + " WHERE j.persistence_id = w.persistence_id ORDER BY j.sequence_number DESC LIMIT 1))"
          + " > now() - interval '1 minute')";

  private static final String KNOWN =
      "SELECT EXISTS (SELECT FROM event_journal"
          + OF_RUN
          + " OR EXISTS (SELECT FROM snapshot"
          + OF_RUN
          + " OR EXISTS (SELECT FROM stream_writer"
          + OF_RUN;

  private final DatabaseAddress address;
  private final String run;
  private final ConnectionSource connections;

  /**
   * The journal of {@code run} in the database at {@code address}.
   *
   * @param run its id, unique in the database
   * @throws IllegalArgumentException if that can be no run's id
   */
  public PostgresJournal(DatabaseAddress address, String run) {
    this.address = address;
    this.run = new StreamId(run, 0).run();
    connections = new IdleConnections(this::connectReadOnly);
  }

  /**
   * The journal that a {@code journal.conf} names.
   *
   * @param named where it may be
   * @throws StoreException if the file is none or cannot be read, or its database was not named
   */
  static PostgresJournal read(Path file, NamedDatabases named) {
    RunDatabase database = RunDatabase.read(file);
    return new PostgresJournal(named.require(database), database.run());
  }

  /** What a {@code journal.conf} says of it: no secrets. */
  String conf() {
    return RunDatabase.text(address, run);
  }

  private Connection connectReadOnly() throws SQLException {
    Connection connection = address.connect();
    connection.setReadOnly(true);
    return connection;
  }

  /** Where the database is. */
  public DatabaseAddress address() {
    return address;
  }

  /** The run's id. */
  public String run() {
    return run;
  }

  /**
   * Makes sure that the run's id is free. The tables are there already.
   *
   * @throws StoreException if the database has a run of that id, or cannot be used
   */
  @Override
  public void create() {
    new PostgresSchema(address).check();
    if (exists()) {
      throw new StoreException("the database %s has a run %s already".formatted(address, run));
    }
  }

  /**
   * Whether somebody wrote or claimed one of its streams within the last minute, by the database's
   * clock and the writers'.
   *
   * @throws StoreException if the database cannot be used
   */
  public boolean isActive() {
    return ask(ACTIVE, 1);
  }

  /**
   * Whether the database has anything of the run: an entry, a checkpoint, or a claim.
   *
   * @throws StoreException if the database cannot be used
   */
  public boolean exists() {
    return ask(KNOWN, 3);
  }

  /** Asks a question that names the range of the run's ids so many {@code times}. */
  private boolean ask(String question, int times) {
    JournalScope scope = JournalScope.ofRun(run);
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(question)) {
      for (int i = 0; i < times; i++) {
        query.setString(2 * i + 1, scope.after());
        query.setString(2 * i + 2, scope.before());
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw PostgresSchema.failed(address, e);
    }
  }

  @Override
  public void check() {
    new PostgresSchema(address).check();
  }

  @Override
  public Config pekkoConfig() {
    Config config =
        ConfigFactory.parseString(Resources.text(PostgresJournal.class, "postgres.conf"))
            .withFallback(
                ConfigFactory.parseString(Resources.text(PostgresJournal.class, "jdbc.conf")))
            .withValue(DB + "url", ConfigValueFactory.fromAnyRef(address.url()));
    if (!address.user().isEmpty()) {
      config = config.withValue(DB + "user", ConfigValueFactory.fromAnyRef(address.user()));
    }
    if (!address.password().isEmpty()) {
      config = config.withValue(DB + "password", ConfigValueFactory.fromAnyRef(address.password()));
    }
    return config;
  }

  @Override
  public JournalReader reader() {
    IndexedJournal rows = new IndexedJournal(connections, JournalScope.ofRun(run), description());
    return new JournalReader(rows, description());
  }

  @Override
  public CheckpointReader checkpoints() {
    return new CheckpointReader(connections);
  }

  /**
   * {@inheritDoc}
   *
   * <p>That covers rows that were changed or are missing. What the server itself cannot read any
   * more is for a backup to restore.
   */
  @Override
  public Salvage salvage(ReadProgress progress) {
    check();
    try {
      return Salvage.of(
          SalvagedJournal.list(connections, JournalScope.ofRun(run)),
          description(),
          List.of(),
          progress);
    } catch (SQLException e) {
      throw PostgresSchema.failed(address, e);
    }
  }

  @Override
  public String description() {
    return "journal of run %s in %s".formatted(run, address);
  }
}
