package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mapstorm.protocol.Phyr;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.wire.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds today's code, and the reader in {@code docs}, against a journal of format 2 as it was
 * written when that format came into use, with made-up events of each of its kinds. If one of these
 * tests fails, journals that exist can no longer be read: raise the format's version instead, and
 * keep reading this one.
 */
class GoldenJournalTest {
  /** Kinds that were added to format 2 after the golden journal was written. */
  private static final List<EventKind> KINDS_SINCE =
      List.of(
          EventKind.LOCK_HELD_LONG,
          EventKind.STRAYED,
          EventKind.DEVICE_INVALIDATED,
          EventKind.INVALIDATION_TIMED_OUT,
          EventKind.DEVICE_TLB_USED,
          EventKind.REGIONS_REGISTERED,
          EventKind.REGIONS_INVALIDATED,
          EventKind.BOUNCED,
          EventKind.BOUNCE_FAILED,
          EventKind.BOUNCE_COPIED,
          EventKind.BOUNCE_RELEASED,
          EventKind.POOL_ADDED);

  private static final Map<Integer, String> FINAL_HASHES =
      Map.of(
          0, "49b71b543c71445cd5b38fbbf88a2ac5d05ad816c2b4b8067ce20e5a28464dc2",
          1, "77f490e7d92487d206df926765834adc51e9eb9e3ec8a205b9c64fb9cb5bae1b");
  private static final Path READER = Path.of("..", "docs", "read_journal.py");

  @TempDir private static Path directory;
  private static Path journal;
  private static JournalReader reader;

  @BeforeAll
  static void unpack() throws IOException {
    journal = unpack("format-2.db");
    reader = reader(journal);
  }

  private static Path unpack(String name) throws IOException {
    Path unpacked = directory.resolve(name);
    try (InputStream packed = resource(name + ".gz");
        InputStream bytes = new GZIPInputStream(packed)) {
      Files.copy(bytes, unpacked);
    }
    return unpacked;
  }

  private static JournalReader reader(Path journal) {
    SqliteJournal store = new SqliteJournal(journal);
    store.check();
    return store.reader();
  }

  /** There is no conversion: no version that wrote it was released. */
  @Test
  void aJournalOfFormat1IsRefusedByName() throws Exception {
    Path old = unpack("format-1.db");
    JournalReader oldReader = reader(old);

    assertThatExceptionOfType(DamagedJournalException.class)
        .isThrownBy(() -> oldReader.replay(0, EventSink.NONE))
        .withMessageEndingWith(
            "host 0, entry 1 (the opening): it is of format 1, written by an earlier version;"
                + " this version reads format 2");
    assumeTrue(hasPython(), "there is no python3");
    assertThat(read(old.toString(), "golden|0"))
        .isEqualTo("read_journal: entry 1: it is of format 1; this reader knows format 2\n");
  }

  @Test
  void everyEventIsReadAsItWasWritten() throws IOException {
    List<String> kinds = new ArrayList<>();
    for (int host : FINAL_HASHES.keySet()) {
      List<Event> events = new ArrayList<>();
      reader.replay(host, new EventRecorder(events::add));

      assertThat(events.stream().map(GoldenJournalTest::line).toList()).isEqualTo(lines(host));
      events.stream().map(GoldenJournalTest::label).forEach(kinds::add);
    }
    assertThat(kinds.stream().distinct())
        .hasSameSizeAs(EnumSet.complementOf(EnumSet.copyOf(KINDS_SINCE)));
  }

  @Test
  void openingsClosesAndHashesAreReadAsTheyWereWritten() {
    StreamOpened opened = (StreamOpened) entries(0).get(0);
    assertThat(opened.seed()).isEqualTo(-42);
    assertThat(opened.scenario()).isEqualTo("# The scenario: text, äöü.\nseed = 20\n");
    assertThat(opened.version()).isEqualTo("0.1.0-golden");
    assertThat(((StreamOpened) entries(1).get(0)).seed()).isEqualTo(7);
    StreamClosed closed = (StreamClosed) entries(0).get(5);
    assertThat(closed.batches()).isEqualTo(4);
    assertThat(closed.events()).isEqualTo(211);
    assertThat(hex(closed.hash())).isEqualTo(FINAL_HASHES.get(0));
    assertThat(hex(((EventBatch) entries(1).get(3)).hash())).isEqualTo(FINAL_HASHES.get(1));
  }

  @Test
  void theSameEventsAreWrittenInTheSameBytesToday() throws Exception {
    WireFormat format = new WireFormat();
    HashChain chain = new HashChain();
    for (int host : FINAL_HASHES.keySet()) {
      BatchDecoder decoder = new BatchDecoder(host);
      byte[] hash = null;
      int number = 0;
      for (JournalEntry entry : entries(host)) {
        JournalEntry today = entry;
        if (entry instanceof StreamOpened opened) {
          hash = chain.origin(opened);
        } else if (entry instanceof EventBatch batch) {
          EventWords events = decoder.decode(batch);
          today = chain.seal(hash, batch.index(), events, new ColumnEncoder().encode(events));
          hash = ((EventBatch) today).hash();
        }
        assertThat(hex(format.write(today))).isEqualTo(stored(host, ++number));
      }
    }
  }

  @Test
  void theReaderInTheDocumentationReadsTheSame() throws Exception {
    assumeTrue(hasPython(), "there is no python3");

    assertThat(read(journal.toString()))
        .startsWith("golden|0  6 entries  211 events  closed  " + FINAL_HASHES.get(0) + "\n")
        .endsWith("golden|1  4 entries  191 events  not closed  " + FINAL_HASHES.get(1) + "\n");
    for (int host : FINAL_HASHES.keySet()) {
      assertThat(read(journal.toString(), "golden|" + host).lines()).isEqualTo(lines(host));
    }
  }

  @Test
  void theReaderInTheDocumentationRefusesADamagedEntryToo() throws Exception {
    assumeTrue(hasPython(), "there is no python3");
    byte[] file = Files.readAllBytes(journal);
    byte[] hash = HexFormat.of().parseHex(FINAL_HASHES.get(1));
    Path damaged = Files.write(directory.resolve("damaged.db"), file);
    try (RandomAccessFile bytes = new RandomAccessFile(damaged.toFile(), "rw")) {
      bytes.seek(HexFormat.of().formatHex(file).indexOf(hex(hash)) / 2 + 3);
      bytes.write(0);
    }

    assertThat(read(damaged.toString(), "golden|1"))
        .endsWith("}\nread_journal: entry 4: its checksum does not match\n");
  }

  private static List<JournalEntry> entries(int host) {
    List<JournalEntry> entries = new ArrayList<>();
    reader.forEach(host, entries::add);
    return entries;
  }

  private static String stored(int host, int number) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journal);
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT event_payload FROM event_journal"
                        + " WHERE persistence_id = 'golden|%d' AND sequence_number = %d"
                            .formatted(host, number))) {
      return hex(row.getBytes(1));
    }
  }

  private static List<String> lines(int host) throws IOException {
    try (InputStream in = resource("format-2-host-%d.jsonl".formatted(host))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static InputStream resource(String name) {
    return GoldenJournalTest.class.getResourceAsStream(name);
  }

  /** An event as a line of the golden file: JSON, in the order of its arguments. */
  private static String line(Event event) {
    StringBuilder line = new StringBuilder();
    line.append("{\"t\": %d, \"event\": \"%s\"".formatted(event.t(), label(event)));
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      if (!component.getName().equals("t")) {
        line.append(", \"%s\": %s".formatted(component.getName(), value(event, component)));
      }
    }
    return line.append('}').toString();
  }

  private static String value(Event event, RecordComponent component) {
    try {
      Object value = component.getAccessor().invoke(event);
      return value instanceof List<?> phyrs
          ? phyrs.stream().map(GoldenJournalTest::phyr).collect(Collectors.joining(", ", "[", "]"))
          : value.toString();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static String phyr(Object value) {
    Phyr phyr = (Phyr) value;
    return "[%d, %d]".formatted(phyr.start(), phyr.length());
  }

  private static String label(Event event) {
    String name = event.getClass().getSimpleName();
    return name.replaceAll("(?<=.)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What the reader prints, on standard output and error. */
  private static String read(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("python3", READER.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
