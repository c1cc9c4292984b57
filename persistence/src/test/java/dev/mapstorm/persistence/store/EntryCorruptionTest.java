package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mapstorm.actors.pekko.KryoSerializer;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.wire.WireFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Damages the entries of a stream, each in every way; reading names the first bad one. */
class EntryCorruptionTest {
  private static final String JOURNAL = "journal";
  private static final int HOST = 0;
  private static final List<ByteBuffer> WRITTEN = entries(HOST);
  private static final int ENTRIES = WRITTEN.size();

  /** Magic, version and checksum. */
  private static final int BODY_AT = 8;

  private static final String FORMAT = Integer.toString(WireFormat.VERSION);

  /** Rows in memory, so that a campaign over all bits takes no more than seconds. */
  private record Rows(List<EntryRow> rows) implements JournalTable {
    @Override
    public SortedMap<Integer, StreamId> streams() {
      return new TreeMap<>(java.util.Map.of(HOST, new StreamId(SmallJournal.RUN, HOST)));
    }

    @Override
    public long entries(StreamId stream) {
      return rows.size();
    }

    @Override
    public EntryRows rows(StreamId stream, long passed) {
      List<EntryRow> left = new ArrayList<>(rows.subList((int) passed, rows.size()));
      return new EntryRows() {
        @Override
        public Optional<EntryRow> next() {
          return left.isEmpty() ? Optional.empty() : Optional.of(left.remove(0));
        }

        @Override
        public void close() {
          left.clear();
        }
      };
    }
  }

  /** Of four batches that are small enough to be damaged in every bit. */
  private static List<ByteBuffer> entries(int host) {
    return SmallJournal.bytes(new SampleStream(host, 4, 15).entries);
  }

  private static List<EntryRow> whole() {
    List<EntryRow> rows = new ArrayList<>();
    for (int i = 0; i < ENTRIES; i++) {
      rows.add(row(i + 1, WRITTEN.get(i).array().clone()));
    }
    return rows;
  }

  private static EntryRow row(long number, byte[] payload) {
    return new EntryRow(
        number, 0, KryoSerializer.IDENTIFIER, FORMAT, false, "", false, "writer", payload);
  }

  /** Reads rows that are damaged from entry {@code bad} on, and returns what is said about it. */
  private static String refusal(List<EntryRow> rows, int bad) {
    List<JournalEntry> before = new ArrayList<>();
    DamagedJournalException refusal =
        catchThrowableOfType(
            DamagedJournalException.class,
            () -> new JournalReader(new Rows(rows), JOURNAL).forEach(HOST, before::add));
    assertThat(refusal).as("entry %d", bad).isNotNull();
    assertThat(refusal.getMessage()).startsWith("journal, host 0, entry %d (".formatted(bad));
    assertThat(refusal.isSalvageable()).isEqualTo(bad > 1);
    assertThat(SmallJournal.bytes(before)).isEqualTo(WRITTEN.subList(0, bad - 1));
    return refusal.getMessage();
  }

  private static String refusal(int bad, Consumer<List<EntryRow>> damage) {
    List<EntryRow> rows = whole();
    damage.accept(rows);
    return refusal(rows, bad);
  }

  @Test
  void everyFlippedBitOfEveryEntryIsDetectedAndItsBatchNamed() {
    int flipped = 0;
    for (int bad = 1; bad <= ENTRIES; bad++) {
      List<EntryRow> rows = whole();
      byte[] payload = rows.get(bad - 1).payload();
      for (int bit = 0; bit < 8 * payload.length; bit++) {
        payload[bit / 8] ^= (byte) (1 << bit % 8);
        refusal(rows, bad);
        payload[bit / 8] ^= (byte) (1 << bit % 8);
        flipped++;
      }
    }
    assertThat(flipped).isEqualTo(8 * WRITTEN.stream().mapToInt(ByteBuffer::capacity).sum());
  }

  /** Where the checksum was made to match again, the chain is what is left. */
  @Test
  void everyByteOfABatchIsDetectedWithoutTheChecksumToo() {
    for (int bad = 2; bad <= ENTRIES; bad++) {
      for (int i = BODY_AT; i < WRITTEN.get(bad - 1).capacity(); i++) {
        List<EntryRow> rows = whole();
        byte[] payload = rows.get(bad - 1).payload();
        payload[i] ^= (byte) 0xff;
        sign(payload);
        if (bad < ENTRIES || !isEndOfRun(i)) {
          refusal(rows, bad);
        }
      }
    }
  }

  /** The close's first field, the instant of the end, is no part of any hash. */
  private static boolean isEndOfRun(int i) {
    int varint = BODY_AT + 1;
    byte[] close = WRITTEN.get(ENTRIES - 1).array();
    int end = varint;
    while (close[end] < 0) {
      end++;
    }
    return i >= varint && i <= end;
  }

  private static void sign(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, BODY_AT, payload.length - BODY_AT);
    ByteBuffer.wrap(payload).putInt(4, (int) crc.getValue());
  }

  @Test
  void everyShortenedEntryIsDetected() {
    for (int bad = 1; bad <= ENTRIES; bad++) {
      for (int length = 0; length < WRITTEN.get(bad - 1).capacity(); length++) {
        List<EntryRow> rows = whole();
        rows.set(bad - 1, row(bad, Arrays.copyOf(rows.get(bad - 1).payload(), length)));
        refusal(rows, bad);
      }
    }
  }

  @Test
  void swappedDroppedAndDoubledEntriesAreDetected() {
    for (int first = 1; first < ENTRIES; first++) {
      int bad = first;
      refusal(bad, rows -> Collections.swap(rows, bad - 1, bad));
      refusal(bad, rows -> rows.remove(bad - 1));
      refusal(bad + 1, rows -> rows.add(bad, rows.get(bad - 1)));
      // The same with their numbers put right again.
      refusal(bad, rows -> numbered(rows, () -> Collections.swap(rows, bad - 1, bad)));
      refusal(bad, rows -> numbered(rows, () -> rows.remove(bad - 1)));
      refusal(bad + 1, rows -> numbered(rows, () -> rows.add(bad, rows.get(bad - 1))));
    }
  }

  private static void numbered(List<EntryRow> rows, Runnable change) {
    change.run();
    for (int i = 0; i < rows.size(); i++) {
      rows.set(i, row(i + 1, rows.get(i).payload()));
    }
  }

  @Test
  void anEntryOfAnotherStreamIsDetected() {
    List<ByteBuffer> other = entries(1);
    for (int bad = 1; bad < other.size(); bad++) {
      int number = bad;
      String said =
          refusal(number, rows -> rows.set(number - 1, row(number, other.get(number - 1).array())));
      assertThat(said)
          .contains(
              number == 1
                  ? "it opens the stream of host 1"
                  : "is not what was written after the batch before it");
    }
  }

  @Test
  void somethingBehindTheCloseIsDetected() {
    String said =
        refusal(ENTRIES + 1, rows -> rows.add(row(ENTRIES + 1, rows.get(ENTRIES - 1).payload())));

    assertThat(said).endsWith("(batch 5 or the close): the stream continues after its close");
  }

  @Test
  void anotherFormatIsRefusedByItsNumber() {
    for (byte version : new byte[] {0, 1, 17}) {
      String said = refusal(4, rows -> rows.get(3).payload()[3] = version);

      assertThat(said)
          .isEqualTo(
              "journal, host 0, entry 4 (batch 2): it is of format %d, written by %s version; this version reads format 2"
                  .formatted(version, version < 2 ? "an earlier" : "a later"));
    }
  }

  @Test
  void whatPekkoWouldStumbleOverIsNamed() {
    byte[] payload = WRITTEN.get(2).array();
    int id = KryoSerializer.IDENTIFIER;

    assertThat(
            refusal(
                3,
                rows -> rows.set(2, new EntryRow(3, 1, id, FORMAT, false, "", false, "", payload))))
        .endsWith(": its column deleted is 1 instead of 0");
    assertThat(
            refusal(
                3,
                rows -> rows.set(2, new EntryRow(3, 0, 7, FORMAT, false, "", false, "", payload))))
        .endsWith(": its column event_ser_id is 7 instead of 28019, mapstorm's serializer");
    assertThat(
            refusal(
                3, rows -> rows.set(2, new EntryRow(3, 0, id, "x", false, "", false, "", payload))))
        .endsWith(
            ": its column event_ser_manifest is 'x' instead of '2', the format that it is in");
    assertThat(
            refusal(
                3,
                rows -> rows.set(2, new EntryRow(3, 0, id, FORMAT, true, "", false, "", payload))))
        .endsWith(": its columns meta_* hold something instead of nothing");
    // Pekko's replay filter would take the second for the writer and drop the first's return.
    assertThat(
            refusal(
                4,
                rows ->
                    rows.set(2, new EntryRow(3, 0, id, FORMAT, false, "", false, "b", payload))))
        .endsWith(
            ": its column writer is 'writer', from which another writer had taken over before");
  }

  @Test
  void epochsStandWhereStreamsAreClaimedOnlyAndNeverGoDown() {
    byte[] payload = WRITTEN.get(2).array();
    int id = KryoSerializer.IDENTIFIER;

    assertThat(
            refusal(
                3,
                rows ->
                    rows.set(
                        2, new EntryRow(3, 0, id, FORMAT, false, "7", false, "writer", payload))))
        .endsWith(": its column adapter_manifest is '7' instead of empty");
    for (String text : List.of("-1", "07", "7 ", "seven", "1234567890123456789")) {
      assertThat(
              refusal(
                  3,
                  rows ->
                      rows.set(
                          2, new EntryRow(3, 0, id, FORMAT, false, text, true, "writer", payload))))
          .endsWith(
              ": its column adapter_manifest is '%s' instead of the epoch of a claim"
                  .formatted(text));
    }
    assertThat(
            refusal(
                4,
                rows ->
                    rows.set(
                        2, new EntryRow(3, 0, id, FORMAT, false, "7", true, "writer", payload))))
        .endsWith(
            ": its column adapter_manifest is empty, and entries before it were written under epoch 7");
  }

  @Test
  void theLastEntriesAreVerifiedAgainstThoseBeforeThem() {
    JournalReader reader = new JournalReader(new Rows(whole()), JOURNAL);
    assertThat(SmallJournal.bytes(List.of(reader.lastEntries().get(HOST))))
        .isEqualTo(WRITTEN.subList(ENTRIES - 1, ENTRIES));
    assertThat(reader.lastBatch(HOST).orElseThrow().index()).isEqualTo(3);

    List<EntryRow> exchanged = whole();
    exchanged.set(3, row(4, entries(1).get(3).array()));
    JournalReader damaged = new JournalReader(new Rows(exchanged), JOURNAL);
    assertThatExceptionOfType(DamagedJournalException.class)
        .isThrownBy(() -> damaged.batch(HOST, 2))
        .withMessageContaining("entry 4 (batch 2)");
    assertThatExceptionOfType(DamagedJournalException.class)
        .isThrownBy(() -> damaged.batch(HOST, 3))
        .withMessageContaining("entry 5 (batch 3)");

    List<EntryRow> other = whole();
    byte[] close = other.get(ENTRIES - 1).payload();
    close[close.length - 1] ^= 1;
    sign(close);
    assertThatExceptionOfType(DamagedJournalException.class)
        .isThrownBy(() -> new JournalReader(new Rows(other), JOURNAL).lastEntries())
        .withMessageContaining("entry 6 (batch 4 or the close)");
  }

  @Test
  void bytesOfAnotherClassAreNotEvenRead() {
    // A long[] of 2^31 - 1 numbers, which reading would make room for.
    byte[] huge = {'m', 's', 't', WireFormat.VERSION, 0, 0, 0, 0, 24, -1, -1, -1, -1, 7};
    sign(huge);

    assertThat(refusal(2, rows -> rows.set(1, row(2, huge))))
        .endsWith("it is a long[], not a JournalEntry");
    assertThat(new WireFormat().write(new long[0])).isNotEmpty();
  }
}
