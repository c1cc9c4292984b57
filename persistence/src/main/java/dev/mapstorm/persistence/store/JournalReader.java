package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamPosition;
import dev.mapstorm.protocol.event.StreamVerifier;
import dev.mapstorm.protocol.wire.WireFormat;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Reads the journal of a run back, host by host. Every entry is verified on the way: the checksum
 * of its bytes, its number, the columns that Pekko heeds at recovery, and the hash chain of the
 * batches; damage fails with its place named. One entry at a time is in memory, or as many as the
 * store's driver reads ahead. Thread-safe.
 */
public final class JournalReader {
  private final WireFormat format = new WireFormat();
  private final JournalTable table;
  private final String journal;
  private volatile SortedMap<Integer, StreamId> known = new TreeMap<>();

  /**
   * A reader of {@code table}.
   *
   * @param journal what messages call it
   */
  JournalReader(JournalTable table, String journal) {
    this.table = table;
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
    try (EntryCursor cursor = entries(host, StreamPosition.START)) {
      JournalEntry entry = cursor.next();
      while (entry != null && visitor.visit(entry)) {
        entry = cursor.next();
      }
    }
  }

  /**
   * Stands before the batch behind {@code position} of a host, or before the opening where there is
   * no batch in front; to be closed. A batch in front is trusted, and what follows is verified
   * against it: if the position is of another stream, the first entry is found damaged.
   *
   * @throws StoreException if the journal has no such host or cannot be read
   */
  public EntryCursor entries(int host, StreamPosition position) {
    try {
      return position.batches() == 0
          ? open(host, 0, new StreamVerifier())
          : open(
              host,
              StreamPosition.ENTRIES_BEFORE_BATCHES + position.batches(),
              new StreamVerifier(position));
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
    try (EntryCursor cursor = entries(host, StreamPosition.START)) {
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
    BatchDecoder decoder = new BatchDecoder(host);
    forEach(
        host,
        entry -> {
          if (entry instanceof EventBatch batch) {
            decoder.decode(batch).forEach(sink);
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
        () -> entries(host, StreamPosition.START),
        cursor -> Optional.ofNullable(cursor.next()),
        EntryCursor::close);
  }

  /**
   * One batch of a host. It is verified against the hash of the entry before it; that one's own
   * past is not.
   *
   * @param index counts batches from 0
   * @return empty if there is none of that number
   * @throws DamagedJournalException if it is damaged
   */
  public Optional<EventBatch> batch(int host, long index) {
    try {
      return batchAt(host, StreamPosition.ENTRIES_BEFORE_BATCHES + index + 1);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * The newest batch of a host, verified like {@link #batch}; empty if there is none. It does not
   * tell whether the batches before it are whole.
   */
  public Optional<EventBatch> lastBatch(int host) {
    try {
      long last = table.entries(stream(host));
      Optional<EventBatch> batch = batchAt(host, last);
      // The last entry may be the close.
      return batch.isPresent() ? batch : batchAt(host, last - 1);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * The newest entry of every host, verified like {@link #batch}, however long the streams are: for
   * listings. It does not tell whether the entries before it are whole.
   */
  public SortedMap<Integer, JournalEntry> lastEntries() {
    SortedMap<Integer, JournalEntry> last = new TreeMap<>();
    try {
      for (StreamId stream : streams().values()) {
        int host = stream.host();
        entry(host, table.entries(stream)).ifPresent(entry -> last.put(host, entry));
      }
      return last;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private Optional<EventBatch> batchAt(int host, long number) throws SQLException {
    return entry(host, number).filter(EventBatch.class::isInstance).map(EventBatch.class::cast);
  }

  /** An entry of a host by its number, verified against the one before it; empty if none. */
  private Optional<JournalEntry> entry(int host, long number) throws SQLException {
    if (number < 1) {
      return Optional.empty();
    }
    long passed = Math.max(0, number - 2);
    StreamVerifier verifier =
        passed < StreamPosition.ENTRIES_BEFORE_BATCHES
            ? new StreamVerifier()
            : StreamVerifier.behindUnknown(passed - StreamPosition.ENTRIES_BEFORE_BATCHES);
    try (EntryCursor cursor = open(host, passed, verifier)) {
      JournalEntry entry = cursor.next();
      while (entry != null && cursor.passed() < number) {
        entry = cursor.next();
      }
      return Optional.ofNullable(entry);
    }
  }

  private EntryCursor open(int host, long passed, StreamVerifier verifier) throws SQLException {
    StreamId stream = stream(host);
    return new EntryCursor(format, journal, table.rows(stream, passed), stream, passed, verifier);
  }

  /** A stream, without looking for others once it was found. */
  private StreamId stream(int host) {
    StreamId stream = known.get(host);
    if (stream == null) {
      stream = streams().get(host);
    }
    if (stream == null) {
      throw new StoreException(
          "the %s has no host %d; its hosts are %s".formatted(journal, host, known.keySet()));
    }
    return stream;
  }

  private SortedMap<Integer, StreamId> streams() {
    try {
      known = table.streams();
      return known;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private StoreException unreadable(SQLException e) {
    return SqlErrors.isDamage(e)
        ? new DamagedJournalException(
            "the %s is damaged: %s".formatted(journal, SqlErrors.clause(e)), e)
        : new StoreException(
            "the %s cannot be read: %s".formatted(journal, SqlErrors.clause(e)), e);
  }
}
