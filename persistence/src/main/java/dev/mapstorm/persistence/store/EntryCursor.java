package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.DamagedBatchException;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.event.StreamVerifier;
import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Stands in one stream of a journal and verifies every entry that it passes: for whoever reads two
 * streams in step, where {@link JournalReader#forEach} reads one. Not thread-safe.
 */
public final class EntryCursor implements AutoCloseable {
  private final StreamVerifier verifier;
  private final WriterOrder writers = new WriterOrder();
  private final WireFormat format;
  private final String journal;
  private final EntryRows rows;
  private final StreamId stream;
  private long passed;

  /**
   * Owns the rows.
   *
   * @param journal what messages call the journal
   * @param rows of the stream, behind the entries that were {@code passed}
   * @param verifier of those that follow
   */
  EntryCursor(
      WireFormat format,
      String journal,
      EntryRows rows,
      StreamId stream,
      long passed,
      StreamVerifier verifier) {
    this.format = format;
    this.journal = journal;
    this.rows = rows;
    this.stream = stream;
    this.passed = passed;
    this.verifier = verifier;
  }

  /**
   * The next entry, or null behind the last.
   *
   * @throws DamagedJournalException if it is missing, unreadable or not what was written
   */
  public JournalEntry next() {
    try {
      Optional<EntryRow> row = rows.next();
      if (row.isEmpty()) {
        return null;
      }
      JournalEntry entry = verified(row.get());
      passed++;
      return entry;
    } catch (FlawedRowException | WireFormatException | DamagedBatchException e) {
      throw damaged(e.getMessage(), e);
    } catch (SQLException e) {
      if (SqlErrors.isDamage(e)) {
        throw damaged("it cannot be read: " + SqlErrors.clause(e), e);
      }
      throw new StoreException(
          "%s, host %d cannot be read: %s".formatted(journal, stream.host(), SqlErrors.clause(e)),
          e);
    }
  }

  private JournalEntry verified(EntryRow row) {
    if (row.number() > passed + 1) {
      throw new FlawedRowException("it is missing, entry %d follows".formatted(row.number()));
    }
    if (row.number() != passed + 1) {
      throw new FlawedRowException("entry %d is in its place".formatted(row.number()));
    }
    JournalEntry entry = format.read(row.payload(), JournalEntry.class);
    row.check();
    writers.accept(row.writer(), row.epoch());
    if (entry instanceof StreamOpened opened && opened.host() != stream.host()) {
      throw new FlawedRowException("it opens the stream of host %d".formatted(opened.host()));
    }
    verifier.accept(entry);
    return entry;
  }

  /** Entries that were passed. */
  long passed() {
    return passed;
  }

  private DamagedJournalException damaged(String why, Exception cause) {
    return new DamagedJournalException(
        "%s, host %d, %s: %s".formatted(journal, stream.host(), name(), why), passed > 0, cause);
  }

  /** What the entry behind those that were passed is, as far as its place says. */
  private String name() {
    if (passed == 0) {
      return "entry 1 (the opening)";
    }
    return "entry %d (batch %d%s)"
        .formatted(passed + 1, passed - 1, isLast() ? " or the close" : "");
  }

  private boolean isLast() {
    try {
      return rows.next().isEmpty();
    } catch (SQLException | FlawedRowException e) {
      return false;
    }
  }

  /** Gives its connection back. */
  @Override
  public void close() {
    try {
      rows.close();
    } catch (SQLException e) {
      throw new StoreException(
          "the stream of host %d cannot be closed: %s"
              .formatted(stream.host(), SqlErrors.clause(e)),
          e);
    }
  }
}
