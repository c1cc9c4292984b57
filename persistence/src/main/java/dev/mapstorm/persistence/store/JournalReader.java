package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.ColumnDecoder;
import dev.mapstorm.protocol.event.DamagedBatchException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamPosition;
import dev.mapstorm.protocol.event.StreamVerifier;
import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Reads the journal of a run back, host by host. Every entry is verified on the way: the checksum
 * of its bytes, its number, and the hash chain of the batches; damage fails with its place named.
 * One entry at a time is in memory.
 *
 * <p>The tables are those of pekko-persistence-jdbc, read by plain JDBC: that needs no actor system
 * and sees what is committed, also while a run writes. Thread-safe; every call has its own
 * connection.
 */
public final class JournalReader {
  private static final String NEXT_ID =
      "SELECT min(persistence_id) FROM event_journal WHERE persistence_id > ?";
  private static final String ENTRY =
      "SELECT event_payload FROM event_journal"
          + " WHERE persistence_id = ? AND sequence_number = ?";

  /** Entries before the first batch: the opening. */
  private static final long ENTRIES_BEFORE_BATCHES = 1;

  private static final String LAST_ENTRIES =
      "SELECT event_payload FROM event_journal"
          + " WHERE persistence_id = ? ORDER BY sequence_number DESC LIMIT 2";

  private final WireFormat format = new WireFormat();
  private final ConnectionSource connections;
  private final String journal;

  /** Opens connections to a journal. */
  @FunctionalInterface
  interface ConnectionSource {
    /** A new connection that is only read from. */
    Connection open() throws SQLException;
  }

  JournalReader(ConnectionSource connections, String journal) {
    this.connections = connections;
    this.journal = journal;
  }

  /** The hosts that have a stream, ascending. */
  public List<Integer> hosts() {
    return List.copyOf(streams().keySet());
  }

  /** The id of the run; empty while nothing is journaled. */
  public Optional<String> run() {
    return streams().values().stream().findFirst().map(StreamId::run);
  }

  /**
   * Hands all entries of a host to {@code visitor}, until it has enough.
   *
   * @throws StoreException if the journal has no such host or cannot be read
   * @throws DamagedJournalException at the first entry that is not what was written
   */
  public void forEach(int host, EntryVisitor visitor) {
    forEach(() -> open(host), visitor);
  }

  /**
   * Hands the entries of a host from the batch behind {@code position} on to {@code visitor}, until
   * it has enough. They are verified against the position, which is trusted.
   *
   * @throws StoreException if the journal has no such host or cannot be read
   * @throws DamagedJournalException at the first entry that is not what was written, the first
   *     included if the position is of another stream
   */
  public void forEachBehind(int host, StreamPosition position, EntryVisitor visitor) {
    forEach(
        () -> open(host, ENTRIES_BEFORE_BATCHES + position.batches(), new StreamVerifier(position)),
        visitor);
  }

  /**
   * Stands before the first entry of a host; to be closed.
   *
   * @throws StoreException if the journal has no such host or cannot be read
   */
  public EntryCursor entries(int host) {
    try {
      return open(host);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * Stands before the batch behind {@code position} of a host; to be closed. What follows is
   * verified against the position, which is trusted.
   *
   * @throws StoreException if the journal has no such host or cannot be read
   */
  public EntryCursor entriesBehind(int host, StreamPosition position) {
    try {
      return open(host, ENTRIES_BEFORE_BATCHES + position.batches(), new StreamVerifier(position));
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** Opens a cursor. */
  @FunctionalInterface
  private interface CursorSource {
    EntryCursor open() throws SQLException;
  }

  private void forEach(CursorSource source, EntryVisitor visitor) {
    try (EntryCursor cursor = source.open()) {
      JournalEntry entry = cursor.next();
      while (entry != null && visitor.visit(entry)) {
        entry = cursor.next();
      }
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * The opening of a host's stream.
   *
   * @throws StoreException if the stream does not begin with it
   */
  public StreamOpened opened(int host) {
    try (EntryCursor cursor = entries(host)) {
      if (cursor.next() instanceof StreamOpened opened) {
        return opened;
      }
      throw new StoreException(
          "the stream of host %d does not begin with its opening".formatted(host));
    }
  }

  /** Calls {@code sink} for every event of a host; fails like {@link #forEach}. */
  public void replay(int host, EventSink sink) {
    replay(host, sink, batch -> true);
  }

  /**
   * The same, batch by batch.
   *
   * @param goOn is asked behind each batch whether to read the next
   */
  public void replay(int host, EventSink sink, Predicate<EventBatch> goOn) {
    ColumnDecoder decoder = new ColumnDecoder();
    EventWords events = new EventWords(0);
    forEach(
        host,
        entry -> {
          if (entry instanceof EventBatch batch) {
            decode(host, batch, decoder, events);
            events.forEach(sink);
            return goOn.test(batch);
          }
          return true;
        });
  }

  /**
   * All entries of a host as a stream that reads on demand; it fails where {@link #forEach} throws.
   */
  public Source<JournalEntry, NotUsed> source(int host) {
    return Source.unfoldResource(
        () -> open(host), cursor -> Optional.ofNullable(cursor.next()), EntryCursor::close);
  }

  /**
   * One batch of a host, alone: its checksum is verified, the chain before it is not.
   *
   * @param index counts batches from 0
   * @return empty if there is none of that number
   */
  public Optional<EventBatch> batch(int host, long index) {
    StreamId stream = stream(host);
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(ENTRY)) {
      query.setString(1, stream.text());
      query.setLong(2, ENTRIES_BEFORE_BATCHES + index + 1);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
                && format.read(row.getBytes(1), JournalEntry.class) instanceof EventBatch batch
            ? Optional.of(batch)
            : Optional.empty();
      }
    } catch (WireFormatException e) {
      throw new DamagedJournalException(
          "host %d, batch %d: %s".formatted(host, index, e.getMessage()), e);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** The newest batch of a host, not verified against those before it; empty if there is none. */
  public Optional<EventBatch> lastBatch(int host) {
    StreamId stream = stream(host);
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(LAST_ENTRIES)) {
      query.setString(1, stream.text());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          if (format.read(rows.getBytes(1), JournalEntry.class) instanceof EventBatch batch) {
            return Optional.of(batch);
          }
        }
        return Optional.empty();
      }
    } catch (WireFormatException e) {
      throw new DamagedJournalException(
          "host %d, last entry: %s".formatted(host, e.getMessage()), e);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * The newest entry of every host, not verified against those before it, however long the streams
   * are.
   */
  public SortedMap<Integer, JournalEntry> lastEntries() {
    SortedMap<Integer, JournalEntry> last = new TreeMap<>();
    SortedMap<Integer, StreamId> streams = streams();
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(LAST_ENTRIES)) {
      for (Map.Entry<Integer, StreamId> each : streams.entrySet()) {
        query.setString(1, each.getValue().text());
        try (ResultSet row = query.executeQuery()) {
          row.next();
          last.put(each.getKey(), format.read(row.getBytes(1), JournalEntry.class));
        } catch (WireFormatException e) {
          throw new DamagedJournalException(
              "host %d, last entry: %s".formatted(each.getKey(), e.getMessage()), e);
        }
      }
      return last;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private static void decode(int host, EventBatch batch, ColumnDecoder decoder, EventWords into) {
    try {
      decoder.decode(batch.payload(), batch.count(), into);
    } catch (DamagedBatchException e) {
      throw new DamagedJournalException(
          "host %d, batch %d: %s".formatted(host, batch.index(), e.getMessage()), e);
    }
  }

  private EntryCursor open(int host) throws SQLException {
    return open(host, 0, new StreamVerifier());
  }

  private EntryCursor open(int host, long passed, StreamVerifier verifier) throws SQLException {
    StreamId stream = stream(host);
    Connection connection = connections.open();
    try {
      return new EntryCursor(format, connection, stream, passed, verifier);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private StreamId stream(int host) {
    SortedMap<Integer, StreamId> streams = streams();
    StreamId stream = streams.get(host);
    if (stream == null) {
      throw new StoreException(
          "the %s has no host %d; its hosts are %s".formatted(journal, host, streams.keySet()));
    }
    return stream;
  }

  /** Steps from id to id in the index, which stays quick however many entries there are. */
  private SortedMap<Integer, StreamId> streams() {
    SortedMap<Integer, StreamId> streams = new TreeMap<>();
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(NEXT_ID)) {
      for (String id = next(query, ""); id != null; id = next(query, id)) {
        StreamId stream = parse(id);
        StreamId other = streams.putIfAbsent(stream.host(), stream);
        if (other != null) {
          throw new StoreException(
              "the %s holds the runs %s and %s; it should hold one"
                  .formatted(journal, other.run(), stream.run()));
        }
      }
      return streams;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private StreamId parse(String id) {
    try {
      return StreamId.parse(id);
    } catch (IllegalArgumentException e) {
      throw new StoreException("the %s holds more: %s".formatted(journal, e.getMessage()), e);
    }
  }

  private static String next(PreparedStatement query, String before) throws SQLException {
    query.setString(1, before);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? row.getString(1) : null;
    }
  }

  private StoreException unreadable(SQLException e) {
    return new StoreException("the %s cannot be read: %s".formatted(journal, e.getMessage()), e);
  }
}
