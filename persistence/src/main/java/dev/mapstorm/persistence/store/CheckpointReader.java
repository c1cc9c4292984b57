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
   * @throws DamagedJournalException if it, or a newer one, is not what was written
   */
  public Optional<StreamCheckpoint> newest(StreamId stream, long instant) {
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(NEWEST_FIRST)) {
      query.setString(1, stream.text());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          StreamCheckpoint checkpoint = format.read(rows.getBytes(1), StreamCheckpoint.class);
          if (checkpoint.instant() <= instant) {
            return Optional.of(checkpoint);
          }
        }
      }
      return Optional.empty();
    } catch (WireFormatException e) {
      throw new DamagedJournalException(
          "a checkpoint of host %d: %s".formatted(stream.host(), e.getMessage()), e);
    } catch (SQLException e) {
      throw new StoreException(
          "the checkpoints of host %d cannot be read: %s"
              .formatted(stream.host(), SqlErrors.clause(e)),
          e);
    }
  }
}
