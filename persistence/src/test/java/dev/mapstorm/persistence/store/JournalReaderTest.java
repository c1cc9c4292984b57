package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamPosition;
import dev.mapstorm.protocol.wire.WireFormat;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what an entity wrote through Pekko, from a file, whole or damaged. */
class JournalReaderTest {
  private static final StreamId HOST_0 = new StreamId("sample", 0);
  private static final StreamId HOST_1 = new StreamId("sample", 1);
  private static final SampleStream CLOSED = new SampleStream(0, 6);
  private static final SampleStream OTHER = new SampleStream(1, 2);

  @TempDir private static Path directory;
  private static Path journal;
  private static ActorSystem<Void> streams;
  private static List<JournalEntry> readWhileOpen;
  private static List<Object> readByPekko;

  @TempDir private Path own;

  @BeforeAll
  static void writeThroughPekko() throws Exception {
    streams = ActorSystem.create(Behaviors.empty(), "streams");
    journal = directory.resolve("journal.db");
    SqliteJournal store = new SqliteJournal(journal);
    store.create();
    ActorTestKit kit = ActorTestKit.create(store.pekkoConfig().withFallback(ConfigFactory.load()));
    EntryWriter.write(kit.system(), HOST_0, CLOSED.entries);
    EntryWriter.write(kit.system(), HOST_1, OTHER.entries.subList(0, 3));
    readWhileOpen = entries(store.reader(), 0);
    // What a killed process leaves: the file, and the log that was not yet copied into it.
    Files.copy(journal, directory.resolve("killed.db"));
    Files.copy(directory.resolve("journal.db-wal"), directory.resolve("killed.db-wal"));
    readByPekko =
        run(
            PersistenceQuery.get(kit.system())
                .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier())
                .currentEventsByPersistenceId(HOST_0.text(), 0, Long.MAX_VALUE)
                .map(envelope -> envelope.event()));
    kit.shutdownTestKit();
  }

  @AfterAll
  static void stop() {
    streams.terminate();
  }

  @Test
  void readingGoesOnBehindAPositionAndRefusesAnother() {
    JournalReader reader = new SqliteJournal(journal).reader();
    EventBatch second = reader.batch(0, 1).orElseThrow();
    EventBatch first = reader.batch(0, 0).orElseThrow();
    long events = first.count() + second.count();

    assertSame(
        entries(reader, 0, new StreamPosition(2, events, second.hash())),
        CLOSED.entries.subList(3, CLOSED.entries.size()));
    assertThat(reader.batch(0, 6)).isEmpty();
    assertThatThrownBy(() -> entries(reader, 0, new StreamPosition(2, 0, first.hash())))
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageContaining("batch 2");
  }

  @Test
  void readsBackWhatWasPersisted() {
    JournalReader reader = new SqliteJournal(journal).reader();

    assertThat(reader.run()).contains("sample");
    assertThat(reader.hosts()).containsExactly(0, 1);
    assertSame(entries(reader, 0), CLOSED.entries);
    assertSame(entries(reader, 1), OTHER.entries.subList(0, 3));
  }

  @Test
  void readsWhileTheJournalIsOpenAndAsPekkosOwnReadJournalDoes() {
    assertSame(readWhileOpen, CLOSED.entries);
    assertSame(readByPekko, CLOSED.entries);
  }

  @Test
  void readsWhatAKilledRunLeft() {
    SqliteJournal killed = new SqliteJournal(directory.resolve("killed.db"));

    killed.check();
    assertSame(entries(killed.reader(), 0), CLOSED.entries);
  }

  @Test
  void handsTheEventsOutInOrder() {
    List<Event> events = new ArrayList<>();

    new SqliteJournal(journal).reader().replay(0, new EventRecorder(events::add));

    assertThat(events).isEqualTo(CLOSED.events);
  }

  @Test
  void streamsTheSameEntriesOnDemand() throws Exception {
    JournalReader reader = new SqliteJournal(journal).reader();

    assertSame(run(reader.source(0)), CLOSED.entries);
    assertSame(run(reader.source(0).take(2)), CLOSED.entries.subList(0, 2));
  }

  @Test
  void stopsWhenTheVisitorHasEnough() {
    List<JournalEntry> first = new ArrayList<>();

    new SqliteJournal(journal)
        .reader()
        .forEach(
            0,
            entry -> {
              first.add(entry);
              return first.size() < 3;
            });

    assertSame(first, CLOSED.entries.subList(0, 3));
  }

  @Test
  void findsTheLastBatchBeforeAndBehindTheClose() throws Exception {
    JournalReader reader = new SqliteJournal(journal).reader();

    assertThat(reader.lastBatch(0).map(EventBatch::index)).contains(5L);
    assertThat(reader.lastBatch(1).map(EventBatch::index)).contains(1L);
    Path opened = changed("DELETE FROM event_journal WHERE sequence_number > 1");
    assertThat(new SqliteJournal(opened).reader().lastBatch(0)).isEmpty();
  }

  @Test
  void namesTheHostsThatThereAre() {
    JournalReader reader = new SqliteJournal(journal).reader();

    assertThatThrownBy(() -> entries(reader, 7))
        .isInstanceOf(StoreException.class)
        .hasMessage("the SQLite journal %s has no host 7; its hosts are [0, 1]", journal);
  }

  @Test
  void aFlippedByteInABatchIsNamed() throws Exception {
    byte[] file = Files.readAllBytes(journal);
    byte[] payload = CLOSED.batch(3).payload();
    file[find(file, Arrays.copyOfRange(payload, payload.length - 2000, payload.length - 1960))] ^=
        4;
    JournalReader reader = reader(file);

    assertThatThrownBy(() -> entries(reader, 0))
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageEndingWith(
            ", host 0, entry 5 (batch 3): it is damaged: its checksum does not match");
    assertThatThrownBy(() -> run(reader.source(0)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(DamagedJournalException.class);
    assertSame(entries(reader, 1), OTHER.entries.subList(0, 3));
  }

  @Test
  void aFlippedByteAnywhereNeverChangesAnEntryUnnoticed() throws Exception {
    byte[] file = Files.readAllBytes(journal);
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < 60; i++) {
      byte[] flipped = file.clone();
      flipped[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      List<JournalEntry> read = new ArrayList<>();
      try {
        reader(flipped).forEach(0, read::add);
      } catch (StoreException e) {
        refused++;
      }
      assertSame(read, CLOSED.entries.subList(0, read.size()));
    }
    assertThat(refused).isPositive();
  }

  @Test
  void aMissingEntryIsNamed() throws Exception {
    Path gap = changed("DELETE FROM event_journal WHERE sequence_number = 4");

    assertThatThrownBy(() -> entries(new SqliteJournal(gap).reader(), 0))
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageEndingWith(", host 0, entry 4 (batch 2): it is missing, entry 5 follows");
  }

  @Test
  void aBatchThatWasExchangedForAWholeOneBreaksTheChain() throws Exception {
    Path exchanged = changed("PRAGMA user_version");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + exchanged);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE event_journal SET event_payload = ?"
                    + " WHERE persistence_id = ? AND sequence_number = 3")) {
      update.setBytes(1, new WireFormat().write(OTHER.batch(1)));
      update.setString(2, HOST_0.text());
      update.executeUpdate();
    }

    assertThatThrownBy(() -> entries(new SqliteJournal(exchanged).reader(), 0))
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageEndingWith(
            ", host 0, entry 3 (batch 1): batch 1 is not what was written after the"
                + " batch before it");
  }

  @Test
  void refusesTwoRunsInOneJournalAndStreamsOfOthers() throws Exception {
    Path two =
        changed(
            "UPDATE event_journal SET persistence_id = 'older|0' WHERE persistence_id ="
                + " 'sample|1'");
    Path foreign =
        changed(
            "UPDATE event_journal SET persistence_id = 'cart-1' WHERE persistence_id = 'sample|1'");

    assertThatThrownBy(() -> new SqliteJournal(two).reader().hosts())
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith("holds the runs older and sample; it should hold one");
    assertThatThrownBy(() -> new SqliteJournal(foreign).reader().hosts())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("'cart-1' is not the stream of a host");
  }

  private static List<JournalEntry> entries(JournalReader reader, int host) {
    return entries(reader, host, StreamPosition.START);
  }

  private static List<JournalEntry> entries(
      JournalReader reader, int host, StreamPosition position) {
    List<JournalEntry> entries = new ArrayList<>();
    try (EntryCursor cursor = reader.entries(host, position)) {
      for (JournalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        entries.add(entry);
      }
      return entries;
    }
  }

  private static <T> List<T> run(Source<T, ?> source) throws Exception {
    return source.runWith(Sink.seq(), streams).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void assertSame(List<?> read, List<?> written) {
    assertThat(bytes(read)).isEqualTo(bytes(written));
  }

  private static List<ByteBuffer> bytes(List<?> entries) {
    WireFormat format = new WireFormat();
    return entries.stream().map(entry -> ByteBuffer.wrap(format.write(entry))).toList();
  }

  private JournalReader reader(byte[] file) throws Exception {
    Path copy = own.resolve("copy.db");
    Files.write(copy, file);
    return new SqliteJournal(copy).reader();
  }

  /** A copy of the journal after one statement. */
  private Path changed(String statement) throws Exception {
    Path copy = Files.createTempFile(own, "changed", ".db");
    Files.write(copy, Files.readAllBytes(journal));
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy)) {
      connection.createStatement().execute(statement);
    }
    return copy;
  }

  private static int find(byte[] file, byte[] part) {
    for (int i = 0; i <= file.length - part.length; i++) {
      if (ByteBuffer.wrap(file, i, part.length).equals(ByteBuffer.wrap(part))) {
        return i;
      }
    }
    throw new AssertionError("the file does not hold these bytes");
  }
}
