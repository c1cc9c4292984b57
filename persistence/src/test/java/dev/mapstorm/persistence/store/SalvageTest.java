package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamPosition;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands before the damage stays readable, and nothing else is. */
class SalvageTest {
  private static final int PAGE = SqliteJournal.PAGE_BYTES;
  private static final int HEADER_OF_LEAF = 8;

  /** Batches of some 25 KB, so that the file has pages enough. */
  private static final SampleStream HOST_0 = new SampleStream(0, 6, 3000);

  private static final SampleStream HOST_1 = new SampleStream(1, 4, 3000);

  @TempDir private static Path shared;
  private static byte[] whole;
  private static Map<Integer, List<ByteBuffer>> written;

  @TempDir private Path directory;
  private Path file;

  @BeforeAll
  static void write() throws Exception {
    Path journal = shared.resolve("journal.db");
    List<JournalEntry> interrupted = HOST_1.entries.subList(0, 5);
    SmallJournal.write(journal, HOST_0.entries, interrupted);
    whole = Files.readAllBytes(journal);
    written = new TreeMap<>();
    written.put(0, SmallJournal.bytes(HOST_0.entries));
    written.put(1, SmallJournal.bytes(interrupted));
  }

  @BeforeEach
  void copy() throws Exception {
    file = Files.write(directory.resolve("damaged.db"), whole);
  }

  private Salvage salvage() {
    return new SqliteJournal(file).salvage((part, events) -> {});
  }

  private void execute(String statement) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      connection.createStatement().execute(statement);
    }
  }

  private long rootPage(String name) throws Exception {
    String query = "SELECT rootpage FROM sqlite_schema WHERE name = '%s'".formatted(name);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        ResultSet row = connection.createStatement().executeQuery(query)) {
      return row.getLong(1);
    }
  }

  private void overwrite(long at, byte[] with) throws Exception {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      bytes.write(with);
    }
  }

  private void assertRefused() {
    assertThatThrownBy(
            () -> {
              SqliteJournal journal = new SqliteJournal(file);
              journal.check();
              SmallJournal.read(journal.reader());
            })
        .isInstanceOf(DamagedJournalException.class);
  }

  /** Makes sure that of every host the beginning was read, and of whole hosts all. */
  private static void assertBeginnings(Salvage salvage) {
    Map<Integer, List<ByteBuffer>> read = SmallJournal.read(salvage.reader());
    for (Salvage.Host host : salvage.hosts()) {
      List<ByteBuffer> entries = read.getOrDefault(host.host(), List.of());
      List<ByteBuffer> all = written.get(host.host());
      assertThat(entries).isEqualTo(all.subList(0, entries.size()));
      long batches = Math.min(Math.max(0, entries.size() - 1), host.host() == 0 ? 6 : 4);
      assertThat(host.batches()).isEqualTo(batches);
      assertThat(host.events()).isEqualTo(3000 * batches);
    }
  }

  @Test
  void aWholeJournalLosesNothing() {
    Salvage salvage = salvage();

    assertThat(salvage.isWhole()).isTrue();
    assertThat(SmallJournal.read(salvage.reader())).isEqualTo(written);
  }

  @Test
  void aStreamIsReadUpToItsFirstBadEntryAndTheOthersWhole() throws Exception {
    execute(
        "UPDATE event_journal SET event_payload = zeroblob(100) WHERE persistence_id = 'small|0'"
            + " AND sequence_number = 5");
    assertRefused();

    Salvage salvage = salvage();

    assertThat(salvage.hosts().get(0).batches()).isEqualTo(3);
    assertThat(salvage.hosts().get(0).events()).isEqualTo(9000);
    assertThat(salvage.hosts().get(0).untilNs()).isEqualTo(HOST_0.batch(2).last());
    assertThat(salvage.hosts().get(0).damage().orElseThrow())
        .endsWith("host 0, entry 5 (batch 3): it is not mapstorm's: it does not begin with mst");
    assertThat(salvage.hosts().get(1).damage()).isEmpty();
    assertBeginnings(salvage);
    assertThat(salvage.reader().lastBatch(0).orElseThrow().index()).isEqualTo(2);
    assertThat(salvage.reader().batch(0, 3)).isEmpty();
    StreamPosition position = new StreamPosition(2, 6000, HOST_0.batch(1).hash());
    try (EntryCursor behind = salvage.reader().entries(0, position)) {
      assertThat(SmallJournal.bytes(List.of(behind.next())))
          .isEqualTo(written.get(0).subList(3, 4));
      assertThat(behind.next()).isNull();
    }
  }

  @Test
  void nothingIsLostWithTheIndex() throws Exception {
    long index = rootPage("sqlite_autoindex_event_journal_1");
    byte[] noise = new byte[PAGE];
    new SplittableRandom(3).nextBytes(noise);
    overwrite((index - 1) * PAGE, noise);
    assertRefused();

    Salvage salvage = salvage();

    assertThat(salvage.notes()).hasSize(1);
    assertThat(salvage.hosts()).allMatch(host -> host.damage().isEmpty());
    assertThat(SmallJournal.read(salvage.reader())).isEqualTo(written);
  }

  @Test
  void anIndexThatHidesTheLastEntriesIsNoticed() throws Exception {
    long at = (rootPage("sqlite_autoindex_event_journal_1") - 1) * PAGE;
    int cells = ByteBuffer.wrap(whole).getShort((int) at + 3);
    // One cell less: the last entry of host 1, which has no close, is not in the index any more.
    overwrite(at + 3, new byte[] {0, (byte) (cells - 1)});

    assertThatThrownBy(() -> new SqliteJournal(file).check())
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageEndingWith("is damaged: its streams have 12 entries, 13 were written");
    assertThat(SmallJournal.read(salvage().reader())).isEqualTo(written);
  }

  @Test
  void aPageOfTheTableCostsWhatStandsOnIt() throws Exception {
    int salvaged = 0;
    for (int page = 1; page < whole.length / PAGE; page++) {
      copy();
      overwrite((long) page * PAGE, new byte[HEADER_OF_LEAF]);
      salvaged += salvagedEntries() > 0 ? 1 : 0;
    }
    assertThat(salvaged).isGreaterThan(whole.length / PAGE / 2);
  }

  @Test
  void aFileThatWasCutOffIsReadAsFarAsItGoes() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    int before = 0;
    for (int page = 0; page < whole.length / PAGE; page++) {
      for (int length : new int[] {page * PAGE, page * PAGE + 1 + random.nextInt(PAGE - 1)}) {
        Files.write(file, Arrays.copyOf(whole, length));

        int entries = salvagedEntries();

        assertThat(entries).as("%d bytes", length).isGreaterThanOrEqualTo(before);
        before = entries;
      }
    }
    assertThat(before).isGreaterThan(8);
  }

  /**
   * Makes sure that the damaged file is refused or read as it was written, and that salvaging gives
   * beginnings of what was written.
   */
  private int salvagedEntries() {
    try {
      SqliteJournal journal = new SqliteJournal(file);
      journal.check();
      assertThat(SmallJournal.read(journal.reader())).isEqualTo(written);
    } catch (StoreException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    try {
      Salvage salvage = salvage();
      assertBeginnings(salvage);
      return SmallJournal.read(salvage.reader()).values().stream().mapToInt(List::size).sum();
    } catch (StoreException e) {
      assertThat(e.getMessage()).isNotBlank();
      return 0;
    }
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    Files.write(file, Arrays.copyOf(whole, whole.length - 3 * PAGE));

    assertThatThrownBy(() -> new SqliteJournal(file).check())
        .isInstanceOf(DamagedJournalException.class)
        .hasMessage("%s is damaged: its last %d bytes are missing", file, 3 * PAGE);
  }

  @Test
  void ofTwoRunsTheLargerIsTaken() throws Exception {
    execute("UPDATE event_journal SET persistence_id = 'older|0' WHERE persistence_id = 'small|1'");

    Salvage salvage = salvage();

    assertThat(salvage.reader().run()).contains("small");
    assertThat(salvage.notes())
        .anyMatch(note -> note.contains("holds the runs older and small"))
        .contains("5 rows belong to no stream of the run and are left out");
    assertBeginnings(salvage);
  }

  @Test
  void whatIsNoJournalHoldsNothingToSalvage() throws Exception {
    Files.write(file, new byte[0]);
    assertThatThrownBy(this::salvage).hasMessage(file + " is empty");
    Files.writeString(file, "a text that is longer than the header of a database");
    assertThatThrownBy(this::salvage).hasMessage(file + " is not an SQLite database");
    Files.delete(file);
    execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY)");
    assertThatThrownBy(this::salvage)
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith("can be read: SQLite says: no such table: event_journal");
    execute(
        "CREATE TABLE event_journal (ordering INTEGER PRIMARY KEY, persistence_id TEXT,"
            + " sequence_number INTEGER)");
    assertThatThrownBy(this::salvage).hasMessageStartingWith("nothing of the SQLite journal ");
  }
}
