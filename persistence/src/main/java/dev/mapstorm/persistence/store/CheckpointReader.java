package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the checkpoints that a run stored beside its streams. A checkpoint is not part of the hash
 * chain: who uses one holds its position against the journal. Thread-safe; every call has its own
 * connection.
 */
public final class CheckpointReader {
  private static final String NEWEST_FIRST =
      "SELECT snapshot_payload FROM snapshot WHERE persistence_id = ? ORDER BY sequence_number DESC";

  private final WireFormat format = new WireFormat();
  private final ConnectionSource connections;

  CheckpointReader(ConnectionSource connections) {
    this.connections = connections;
  }

  /**
   * The newest checkpoint of a stream that was taken at {@code instant} or before; empty if there
   * is none.
   *
   * @throws DamagedJournalException if it is not what was written
   */
  public Optional<StreamCheckpoint> newest(StreamId stream, long instant) {
    StreamCheckpoint[] found = new StreamCheckpoint[1];
    read(
        stream,
        checkpoint -> {
          if (found[0] == null && checkpoint.instant() <= instant) {
            found[0] = checkpoint;
          }
        });
    return Optional.ofNullable(found[0]);
  }

  /** Shows all checkpoints of a stream, the newest first; fails like {@link #newest}. */
  public void read(StreamId stream, Consumer<StreamCheckpoint> visitor) {
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(NEWEST_FIRST)) {
      query.setString(1, stream.text());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          visitor.accept(format.read(rows.getBytes(1), StreamCheckpoint.class));
        }
      }
    } catch (WireFormatException e) {
      throw new DamagedJournalException(
          "a checkpoint of host %d: %s".formatted(stream.host(), e.getMessage()), e);
    } catch (SQLException e) {
      throw new StoreException(
          "the checkpoints of host %d cannot be read: %s".formatted(stream.host(), e.getMessage()),
          e);
    }
  }
}
