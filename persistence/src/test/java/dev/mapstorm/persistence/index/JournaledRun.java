package dev.mapstorm.persistence.index;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.replay.EventsUntil;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.protocol.event.ColumnDecoder;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.wire.WireFormat;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A run directory with the events of a simulated host, and what an index should say of them. */
final class JournaledRun {
  final RunDirectory directory;
  final List<Event> events;
  final List<EventBatch> batches = new ArrayList<>();
  final List<IovaParameters> parameters;
  private final StreamOpened opened = new StreamOpened(0, 1, "", "test");
  private final WireFormat format = new WireFormat();
  private long written;

  /** Makes it, with batches of so many events, of which the first ones are journaled. */
  JournaledRun(Path path, Runs run, int batchEvents, int journaled) {
    events = run.events();
    parameters = List.of(run.iova());
    directory = RunDirectory.create(path, "");
    HashChain chain = new HashChain();
    ColumnEncoder encoder = new ColumnEncoder();
    byte[] hash = chain.origin(opened);
    for (int from = 0; from < events.size(); from += batchEvents) {
      EventWords words = new EventWords(0);
      events
          .subList(from, Math.min(events.size(), from + batchEvents))
          .forEach(event -> event.to(words));
      EventBatch batch = chain.seal(hash, batches.size(), words, encoder.encode(words));
      hash = batch.hash();
      batches.add(batch);
    }
    journalUpTo(journaled);
  }

  /** Journals the batches below a number that are not yet. */
  void journalUpTo(int batch) {
    List<JournalEntry> entries = new ArrayList<>();
    if (written == 0) {
      entries.add(opened);
    }
    int from = (int) Math.max(0, written - 1);
    entries.addAll(batches.subList(from, Math.min(batch, batches.size())));
    try (Connection connection = connect("journal.db");
        PreparedStatement row =
            connection.prepareStatement(
                "INSERT INTO event_journal VALUES"
                    + " (?, 0, ?, ?, 'test', 0, '', 28019, '%d', NULL, NULL, NULL, ?)"
                        .formatted(WireFormat.VERSION))) {
      connection.setAutoCommit(false);
      for (JournalEntry entry : entries) {
        written++;
        row.setLong(1, written);
        row.setString(2, new StreamId("test", 0).text());
        row.setLong(3, written);
        row.setBytes(4, format.write(entry));
        row.executeUpdate();
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A connection to one of its databases. */
  Connection connect(String file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + directory.path().resolve(file));
  }

  /** The events of a batch. */
  EventWords words(EventBatch batch) {
    EventWords words = new EventWords(0);
    new ColumnDecoder().decode(batch.payload(), batch.count(), words);
    return words;
  }

  /** The state at a moment, folded from the first event on. */
  HostState state(Moment moment) {
    HostFold fold = new HostFold(parameters);
    EventWords words = new EventWords(0);
    events.forEach(event -> event.to(words));
    new EventsUntil(fold, moment).take(words);
    return fold.state();
  }
}
