package dev.mapstorm.persistence.index;

import dev.mapstorm.protocol.event.StreamPosition;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The rows of an index as SQL has them. Each ends with a checksum over its other columns: SQLite
 * notices a damaged page only where its own structure suffers.
 */
final class IndexRows {
  static final String INSERT_BATCH =
      "INSERT OR IGNORE INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  static final String BATCHES =
      "SELECT number, events_before, events, first, last, kinds, clients, devices, locks, joined,"
          + " lowest_pfn, highest_pfn, callers, hash, checksum FROM batch WHERE host = ?";
  static final String INSERT_SNAPSHOT =
      "INSERT OR IGNORE INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?)";
  static final String SNAPSHOTS =
      "SELECT batches, events, last, hash, checksum, state FROM snapshot WHERE host = ?";

  private IndexRows() {}

  /** Fills in {@link #INSERT_BATCH}. */
  static void set(PreparedStatement row, int host, BatchSummary batch) throws SQLException {
    row.setInt(1, host);
    row.setLong(2, batch.number());
    row.setLong(3, batch.eventsBefore());
    row.setInt(4, batch.events());
    row.setLong(5, batch.first());
    row.setLong(6, batch.last());
    row.setBytes(7, batch.kinds().toByteArray());
    row.setBytes(8, batch.clients().toByteArray());
    row.setBytes(9, batch.devices().toByteArray());
    row.setBytes(10, batch.locks().toByteArray());
    row.setBytes(11, bytes(batch.joined()));
    row.setLong(12, batch.lowestPfn());
    row.setLong(13, batch.highestPfn());
    row.setBytes(14, bytes(batch.callers()));
    row.setBytes(15, batch.hash());
    row.setInt(16, checksum(host, batch));
  }

  /**
   * Reads a row of {@link #BATCHES}.
   *
   * @throws UntrustedIndexException if it is not what was written
   */
  static BatchSummary batch(int host, ResultSet row) throws SQLException {
    BatchSummary batch =
        new BatchSummary(
            row.getLong(1),
            row.getLong(2),
            row.getInt(3),
            row.getLong(4),
            row.getLong(5),
            BitSet.valueOf(row.getBytes(6)),
            BitSet.valueOf(row.getBytes(7)),
            BitSet.valueOf(row.getBytes(8)),
            BitSet.valueOf(row.getBytes(9)),
            joined(row.getBytes(10)),
            row.getLong(11),
            row.getLong(12),
            longs(row.getBytes(13)),
            row.getBytes(14));
    if (row.getInt(15) != checksum(host, batch)) {
      throw new UntrustedIndexException(
          "its row of host %d, batch %d is damaged".formatted(host, batch.number()));
    }
    return batch;
  }

  /** Fills in {@link #INSERT_SNAPSHOT}. */
  static void set(PreparedStatement row, int host, Snapshot snapshot) throws SQLException {
    StreamPosition position = snapshot.position();
    row.setInt(1, host);
    row.setLong(2, position.batches());
    row.setLong(3, position.events());
    row.setLong(4, snapshot.last());
    row.setBytes(5, position.hash());
    row.setInt(6, checksum(host, snapshot));
    row.setBytes(7, snapshot.state());
  }

  /**
   * Reads a row of {@link #SNAPSHOTS}.
   *
   * @throws UntrustedIndexException if it is not what was written
   */
  static Snapshot snapshot(int host, ResultSet row) throws SQLException {
    StreamPosition position = new StreamPosition(row.getLong(1), row.getLong(2), row.getBytes(4));
    Snapshot snapshot = new Snapshot(position, row.getLong(3), row.getBytes(6));
    if (row.getInt(5) != checksum(host, snapshot)) {
      throw new UntrustedIndexException(
          "its state of host %d after batch %d is damaged".formatted(host, position.batches()));
    }
    return snapshot;
  }

  private static byte[] bytes(SortedMap<Integer, Integer> joined) {
    ByteBuffer bytes = ByteBuffer.allocate(joined.size() * 2 * Integer.BYTES);
    joined.forEach((client, device) -> bytes.putInt(client).putInt(device));
    return bytes.array();
  }

  private static SortedMap<Integer, Integer> joined(byte[] bytes) {
    SortedMap<Integer, Integer> joined = new TreeMap<>();
    ByteBuffer pairs = ByteBuffer.wrap(bytes);
    while (pairs.remaining() >= 2 * Integer.BYTES) {
      joined.put(pairs.getInt(), pairs.getInt());
    }
    return joined;
  }

  private static byte[] bytes(long[] words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }

  private static long[] longs(byte[] bytes) {
    long[] words = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(words);
    return words;
  }

  private static int checksum(int host, BatchSummary batch) {
    Checksum sum = new Checksum();
    sum.add(host, batch.number(), batch.eventsBefore(), batch.events());
    sum.add(batch.first(), batch.last(), batch.lowestPfn(), batch.highestPfn());
    sum.add(batch.kinds().toByteArray());
    sum.add(batch.clients().toByteArray());
    sum.add(batch.devices().toByteArray());
    sum.add(batch.locks().toByteArray());
    sum.add(bytes(batch.joined()));
    sum.add(bytes(batch.callers()));
    sum.add(batch.hash());
    return sum.value();
  }

  private static int checksum(int host, Snapshot snapshot) {
    Checksum sum = new Checksum();
    StreamPosition position = snapshot.position();
    sum.add(host, position.batches(), position.events(), snapshot.last());
    sum.add(position.hash());
    sum.add(snapshot.state());
    return sum.value();
  }

  /** CRC-32C over numbers and bytes. */
  private static final class Checksum {
    private final CRC32C crc = new CRC32C();

    void add(long... numbers) {
      ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
      for (long number : numbers) {
        bytes.putLong(number);
      }
      crc.update(bytes.array());
    }

    /** With their number in front, so that columns cannot flow into each other. */
    void add(byte[] bytes) {
      add(bytes.length);
      crc.update(bytes);
    }

    int value() {
      return (int) crc.getValue();
    }
  }
}
