package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the checkpoints that a run stored beside its streams. A checkpoint is not part of the hash
 * chain; one is handed out only if it belongs to the place in the journal that it names.
 * Thread-safe; every call has its own connection.
 */
public final class CheckpointReader {
  private final CheckpointTable table = new CheckpointTable();
  private final ConnectionSource connections;

  CheckpointReader(ConnectionSource connections) {
    this.connections = connections;
  }

  /**
   * The newest checkpoint of a stream that was taken at {@code instant} or before; empty if there
   * is none.
   *
   * @param passedOver hears, in a sentence, of each newer one that does not belong to the journal
   * @throws StoreException if they cannot be read
   */
  public Optional<StreamCheckpoint> newest(
      StreamId stream, long instant, Consumer<String> passedOver) {
    try (Connection connection = connections.open()) {
      return table
          .newest(
              connection,
              stream.text(),
              Long.MAX_VALUE,
              Long.MAX_VALUE,
              stored -> ((StreamCheckpoint) stored.content()).instant() <= instant,
              (entry, why) ->
                  passedOver.accept(
                      "the checkpoint of host %d after entry %d is not used: %s"
                          .formatted(stream.host(), entry, why)))
          .map(stored -> (StreamCheckpoint) stored.content());
    } catch (SQLException e) {
      throw new StoreException(
          "the checkpoints of host %d cannot be read: %s"
              .formatted(stream.host(), SqlErrors.clause(e)),
          e);
    }
  }
}
