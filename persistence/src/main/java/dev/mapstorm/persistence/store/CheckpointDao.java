package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.jdbc.config.SnapshotConfig;
import org.apache.pekko.persistence.jdbc.snapshot.dao.DefaultSnapshotDao;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.Tuple2;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.runtime.BoxedUnit;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;
import slick.jdbc.SimpleJdbcAction;

/**
 * How pekko-persistence-jdbc reaches the table of checkpoints, named in {@code jdbc.conf}: as its
 * own class does, except that recovery is given no checkpoint that does not belong to the journal
 * ({@link CheckpointTable}), and that a stream keeps a limited number of them ({@link
 * CheckpointThinning}). Streams that are not mapstorm's are the plugin's alone. Thread-safe.
 */
public final class CheckpointDao extends DefaultSnapshotDao {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointDao.class);

  private final CheckpointTable table = new CheckpointTable();
  private final JdbcBackend.JdbcDatabaseDef database;
  private final ExecutionContext context;

  /** Called by the plugin. */
  public CheckpointDao(
      JdbcBackend.JdbcDatabaseDef database,
      JdbcProfile profile,
      SnapshotConfig config,
      Serialization serialization,
      ExecutionContext context,
      Materializer materializer) {
    super(database, profile, config, serialization, context, materializer);
    this.database = database;
    this.context = context;
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> latestSnapshot(String stream) {
    if (!CheckpointTable.isChecked(stream)) {
      return super.latestSnapshot(stream);
    }
    return newest(stream, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxTimestamp(
      String stream, long maxTimestamp) {
    if (!CheckpointTable.isChecked(stream)) {
      return super.snapshotForMaxTimestamp(stream, maxTimestamp);
    }
    return newest(stream, Long.MAX_VALUE, maxTimestamp);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNr(
      String stream, long maxSequenceNr) {
    if (!CheckpointTable.isChecked(stream)) {
      return super.snapshotForMaxSequenceNr(stream, maxSequenceNr);
    }
    return newest(stream, maxSequenceNr, Long.MAX_VALUE);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNrAndMaxTimestamp(
      String stream, long maxSequenceNr, long maxTimestamp) {
    if (!CheckpointTable.isChecked(stream)) {
      return super.snapshotForMaxSequenceNrAndMaxTimestamp(stream, maxSequenceNr, maxTimestamp);
    }
    return newest(stream, maxSequenceNr, maxTimestamp);
  }

  private Future<Option<Tuple2<SnapshotMetadata, Object>>> newest(
      String stream, long upTo, long createdUpToMs) {
    return run(
        connection -> {
          Optional<CheckpointTable.Stored> found =
              table.newest(
                  connection,
                  stream,
                  upTo,
                  createdUpToMs,
                  any -> true,
                  (entry, why) ->
                      LOG.warn(
                          "{}: the checkpoint after entry {} is not used: {}", stream, entry, why));
          return found
              .map(
                  stored ->
                      Option.apply(
                          Tuple2.apply(
                              new SnapshotMetadata(stream, stored.entry(), stored.createdMs()),
                              stored.content())))
              .orElse(Option.empty());
        });
  }

  @Override
  public Future<BoxedUnit> save(SnapshotMetadata metadata, Object snapshot) {
    Future<BoxedUnit> saved = super.save(metadata, snapshot);
    return CheckpointTable.isChecked(metadata.persistenceId())
        ? saved.flatMap(done -> thin(metadata), context)
        : saved;
  }

  private Future<BoxedUnit> thin(SnapshotMetadata metadata) {
    return run(
        connection -> {
          table.thin(connection, metadata.persistenceId());
          return BoxedUnit.UNIT;
        });
  }

  /** What is done with a connection. */
  @FunctionalInterface
  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** Runs on the plugin's threads, with one of its connections. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private <T> Future<T> run(Work<T> work) {
    SimpleJdbcAction<T> action =
        new SimpleJdbcAction<>(
            session -> {
              try {
                return work.with(session.connection());
              } catch (SQLException e) {
                throw new StoreException(
                    "the table of checkpoints cannot be used: " + SqlErrors.clause(e), e);
              }
            });
    // Slick's type says which effects an action may have, and cannot be named in Java.
    return (Future<T>) database.run((slick.dbio.DBIOAction) action);
  }
}
