package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.protocol.event.StreamId;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a killed run leaves: the database, and the log that was not yet moved into it. */
class WriteAheadLogTest {
  private static final int HEADER = 32;
  private static final int FRAME = 24 + SqliteJournal.PAGE_BYTES;

  @TempDir private static Path directory;
  private static byte[] database;
  private static byte[] log;
  private static int frames;

  private final Path file = directory.resolve("killed.db");
  private final Path logFile = directory.resolve("killed.db-wal");

  @BeforeAll
  static void write() throws Exception {
    Path journal = directory.resolve("journal.db");
    SqliteJournal store = new SqliteJournal(journal);
    store.create();
    ActorTestKit kit = ActorTestKit.create(store.pekkoConfig().withFallback(ConfigFactory.load()));
    EntryWriter.write(kit.system(), new StreamId(SmallJournal.RUN, 0), SmallJournal.HOST_0.entries);
    database = Files.readAllBytes(journal);
    log = Files.readAllBytes(directory.resolve("journal.db-wal"));
    frames = (log.length - HEADER) / FRAME;
    kit.shutdownTestKit();
  }

  private void killed(byte[] leftLog) throws Exception {
    Files.deleteIfExists(directory.resolve("killed.db-shm"));
    Files.write(file, database);
    Files.write(logFile, leftLog);
  }

  private int entries() {
    SqliteJournal journal = new SqliteJournal(file);
    journal.check();
    Map<Integer, List<ByteBuffer>> read = SmallJournal.read(journal.reader());
    List<ByteBuffer> written = SmallJournal.written().get(0);
    int entries = read.getOrDefault(0, List.of()).size();
    assertThat(read.getOrDefault(0, List.of())).isEqualTo(written.subList(0, entries));
    return entries;
  }

  @Test
  void aWholeLogIsReadToItsEnd() throws Exception {
    killed(log);

    assertThat(entries()).isEqualTo(SmallJournal.HOST_0.entries.size());
  }

  @Test
  void aLogThatWasCutOffAnywhereIsTheBeginningOfTheRun() throws Exception {
    int before = 0;
    for (int length = HEADER; length <= log.length; length += FRAME / 2) {
      killed(Arrays.copyOf(log, length));

      int entries = entries();

      assertThat(entries).isGreaterThanOrEqualTo(before);
      before = entries;
    }
  }

  @Test
  void damageThatSqliteWouldPassOverIsNamed() throws Exception {
    int refused = 0;
    for (int frame = 1; frame <= frames; frame++) {
      byte[] damaged = log.clone();
      damaged[HEADER + (frame - 1) * FRAME + 1000] ^= 1;
      killed(damaged);
      try {
        // A last write that was cut off looks the same, and costs nothing that was acknowledged.
        assertThat(entries()).isEqualTo(SmallJournal.HOST_0.entries.size() - 1);
      } catch (DamagedJournalException e) {
        assertThat(e.getMessage())
            .startsWith("%s is damaged at frame %d: SQLite drops ".formatted(logFile, frame));
        refused++;
      }
    }
    assertThat(refused).isBetween(frames / 2, frames - 1);
  }

  @Test
  void damageToTheHeadersIsNamedToo() throws Exception {
    for (int at = 0; at < HEADER; at++) {
      byte[] damaged = log.clone();
      damaged[at] ^= 0x20;
      killed(damaged);
      assertThatThrownBy(this::entries)
          .isInstanceOf(DamagedJournalException.class)
          .hasMessageStartingWith(logFile + " is damaged at its header: SQLite drops the ");
    }
    for (int at = HEADER; at < HEADER + 24; at++) {
      byte[] damaged = log.clone();
      damaged[at] ^= 0x20;
      killed(damaged);
      assertThatThrownBy(this::entries)
          .isInstanceOf(DamagedJournalException.class)
          .hasMessageStartingWith(logFile + " is damaged at frame 1: SQLite drops the ");
    }
  }
}
