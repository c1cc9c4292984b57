package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The table of checkpoints. Nothing in it is trusted: a checkpoint is handed out only if it was
 * taken after the entry that its row names, and the journal has that very entry. Others are passed
 * over, as if they were not there. Thread-safe; the connections are the callers'.
 */
final class CheckpointTable {
  private static final String ENTRIES_NEWEST_FIRST =
      "SELECT sequence_number FROM snapshot"
          + " WHERE persistence_id = ? AND sequence_number <= ? AND created <= ?"
          + " ORDER BY sequence_number DESC";
  private static final String CHECKPOINT =
      "SELECT created, snapshot_payload FROM snapshot"
          + " WHERE persistence_id = ? AND sequence_number = ?";
  private static final String ENTRY =
      "SELECT event_payload FROM event_journal WHERE persistence_id = ? AND sequence_number = ?";
  private static final String DELETE =
      "DELETE FROM snapshot WHERE persistence_id = ? AND sequence_number = ?";

  private final WireFormat format = new WireFormat();

  /**
   * A checkpoint that belongs to its stream.
   *
   * @param entry of the stream after which it was taken
   * @param createdMs when it was stored, in milliseconds of the Unix epoch
   * @param content a {@link StreamCheckpoint}, or what a stream that is no host's has instead
   */
  record Stored(long entry, long createdMs, Object content) {}

  /** Why a row is passed over. */
  private static final class WrongCheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongCheckpointException(String message, Throwable cause) {
      super(message, cause);
    }

    WrongCheckpointException(String message) {
      this(message, null);
    }
  }

  /**
   * The newest checkpoint of a stream that belongs to it.
   *
   * @param upTo last entry after which it may have been taken
   * @param createdUpToMs time at which it may have been stored, at the latest
   * @param wanted whether it is one that is looked for
   * @param passedOver hears the entry and the reason for each newer one that does not belong there
   */
  Optional<Stored> newest(
      Connection connection,
      String stream,
      long upTo,
      long createdUpToMs,
      Predicate<Stored> wanted,
      BiConsumer<Long, String> passedOver)
      throws SQLException {
    for (long entry : entries(connection, stream, upTo, createdUpToMs)) {
      try {
        Optional<Stored> stored = stored(connection, stream, entry).filter(wanted);
        if (stored.isPresent()) {
          return stored;
        }
      } catch (WrongCheckpointException e) {
        passedOver.accept(entry, e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The entries after which there are checkpoints, the newest first. */
  private static List<Long> entries(
      Connection connection, String stream, long upTo, long createdUpToMs) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(ENTRIES_NEWEST_FIRST)) {
      query.setString(1, stream);
      query.setLong(2, upTo);
      query.setLong(3, createdUpToMs);
      List<Long> entries = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          entries.add(rows.getLong(1));
        }
      }
      return entries;
    }
  }

  /** One checkpoint; empty if it is gone. */
  private Optional<Stored> stored(Connection connection, String stream, long entry)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(CHECKPOINT)) {
      query.setString(1, stream);
      query.setLong(2, entry);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        byte[] payload = row.getBytes(2);
        Object content =
            isOfHost(stream)
                ? ofHost(connection, stream, entry, payload)
                : ofOther(connection, stream, entry, payload);
        return Optional.of(new Stored(entry, row.getLong(1), content));
      }
    }
  }

  /** Whether a stream is one whose checkpoints have a form: a host's or the coordinator's. */
  static boolean isChecked(String stream) {
    return stream.equals(FleetBook.STREAM) || isOfHost(stream);
  }

  private static boolean isOfHost(String stream) {
    try {
      StreamId.parse(stream);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private StreamCheckpoint ofHost(Connection connection, String stream, long entry, byte[] payload)
      throws SQLException {
    StreamCheckpoint checkpoint = read(payload, StreamCheckpoint.class);
    if (!checkpoint.isSealed()) {
      throw new WrongCheckpointException("its seal is not that of its content");
    }
    if (!checkpoint.stream().equals(stream)) {
      throw new WrongCheckpointException("it is of the stream " + checkpoint.stream());
    }
    if (checkpoint.entry() != entry) {
      throw new WrongCheckpointException("it was taken after entry " + checkpoint.entry());
    }
    byte[] journaled = payloadOf(connection, stream, entry);
    JournalEntry found = read(journaled, JournalEntry.class);
    if (!(found instanceof EventBatch batch)
        || batch.index() != checkpoint.batches() - 1
        || !Arrays.equals(batch.hash(), checkpoint.hash())) {
      throw new WrongCheckpointException("the journal has another entry there");
    }
    return checkpoint;
  }

  /** That of the coordinator, which names no place: it is one of the journal at least. */
  private Object ofOther(Connection connection, String stream, long entry, byte[] payload)
      throws SQLException {
    FleetBook book = read(payload, FleetBook.class);
    payloadOf(connection, stream, entry);
    return book;
  }

  private static byte[] payloadOf(Connection connection, String stream, long entry)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(ENTRY)) {
      query.setString(1, stream);
      query.setLong(2, entry);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new WrongCheckpointException("the journal has no such entry");
        }
        return row.getBytes(1);
      }
    }
  }

  private <T> T read(byte[] bytes, Class<T> type) {
    try {
      return format.read(bytes == null ? new byte[0] : bytes, type);
    } catch (WireFormatException e) {
      throw new WrongCheckpointException(e.getMessage(), e);
    }
  }

  /**
   * Removes checkpoints of a stream, so that no more are left than {@link CheckpointThinning}
   * allows.
   */
  void thin(Connection connection, String stream) throws SQLException {
    List<Long> goes =
        CheckpointThinning.goes(entries(connection, stream, Long.MAX_VALUE, Long.MAX_VALUE));
    if (goes.isEmpty()) {
      return;
    }
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      for (long entry : goes) {
        delete.setString(1, stream);
        delete.setLong(2, entry);
        delete.executeUpdate();
      }
    }
  }
}
