package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages the file of a small journal. What is read from it must be what was written, or be
 * refused; the first because there are bytes that carry nothing.
 *
 * <p>The build flips a sample. {@code -Dmapstorm.corruption=all} flips every byte of the file,
 * which takes some minutes; {@code -Dmapstorm.corruption.seed=N} chooses the bits.
 */
class FileCorruptionTest {
  private static final boolean ALL = "all".equals(System.getProperty("mapstorm.corruption"));
  private static final long SEED = Long.getLong("mapstorm.corruption.seed", 1);

  /**
   * Of each page of 32 KiB the beginning, where its structure stands, and then one byte in so many.
   */
  private static final int HEAD_OF_PAGE = 24;

  private static final int STEP = 251;
  private static final int PAGE = SqliteJournal.PAGE_BYTES;
  private static final int DATABASE_HEADER = 100;

  @TempDir private static Path directory;
  private static byte[] whole;
  private static Map<Integer, List<ByteBuffer>> written;

  private final Path file = directory.resolve("damaged.db");

  @BeforeAll
  static void write() throws Exception {
    Path journal = directory.resolve("journal.db");
    SmallJournal.write(journal);
    whole = Files.readAllBytes(journal);
    written = SmallJournal.written();
  }

  /** How reading a damaged file ended. */
  private enum Outcome {
    REFUSED,
    AS_WRITTEN_FROM_USED_SPACE,
    AS_WRITTEN_FROM_UNUSED_SPACE,
    OTHERWISE
  }

  @Test
  void aFlippedByteIsDetectedOrCarriesNothing() throws Exception {
    Files.write(file, whole);
    assertThat(read(0)).isNotIn(Outcome.REFUSED, Outcome.OTHERWISE);
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Integer, int[]> pages = new TreeMap<>();
    List<String> accepted = new ArrayList<>();
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      for (int offset = 0; offset < whole.length; offset++) {
        int bit = random.nextInt(8);
        if (isFlipped(offset)) {
          write(bytes, offset, whole[offset] ^ 1 << bit);
          Outcome outcome = read(offset);
          write(bytes, offset, whole[offset]);
          pages.computeIfAbsent(offset / PAGE + 1, page -> new int[4])[outcome.ordinal()]++;
          if (outcome == Outcome.OTHERWISE) {
            accepted.add("byte %d, bit %d".formatted(offset, bit));
          }
        }
      }
    }
    report(pages);
    assertThat(accepted).isEmpty();
  }

  private static boolean isFlipped(int offset) {
    return ALL || offset % PAGE < HEAD_OF_PAGE || offset % STEP == 0;
  }

  private static void write(RandomAccessFile file, int offset, int value) throws IOException {
    file.seek(offset);
    file.write(value);
  }

  /** Reads all there is, as a command does. */
  private Outcome read(int offset) {
    SqliteJournal journal = new SqliteJournal(file);
    try {
      journal.check();
      if (!SmallJournal.read(journal.reader()).equals(written)) {
        return Outcome.OTHERWISE;
      }
      return isUnused(offset)
          ? Outcome.AS_WRITTEN_FROM_UNUSED_SPACE
          : Outcome.AS_WRITTEN_FROM_USED_SPACE;
    } catch (StoreException e) {
      return salvagesOnlyBeginnings(journal) ? Outcome.REFUSED : Outcome.OTHERWISE;
    }
  }

  private static boolean salvagesOnlyBeginnings(SqliteJournal journal) {
    try {
      return SmallJournal.read(journal.salvage((part, events) -> {}).reader()).entrySet().stream()
          .allMatch(
              host -> {
                List<ByteBuffer> all = written.get(host.getKey());
                int entries = host.getValue().size();
                return entries <= all.size() && host.getValue().equals(all.subList(0, entries));
              });
    } catch (StoreException e) {
      return true;
    }
  }

  /**
   * Whether a byte lies between the pointers of a page, at its beginning, and what they point to.
   */
  private static boolean isUnused(int offset) {
    int page = offset / PAGE * PAGE;
    int header = page == 0 ? DATABASE_HEADER : page;
    ByteBuffer bytes = ByteBuffer.wrap(whole);
    int pointers = header + 8 + 2 * bytes.getShort(header + 3);
    return offset >= pointers && offset < page + (bytes.getShort(header + 5) & 0xffff);
  }

  private static void report(Map<Integer, int[]> pages) {
    int[] sum = new int[Outcome.values().length];
    pages.forEach(
        (page, counts) -> {
          System.out.printf("page %d: %s%n", page, text(counts));
          Arrays.setAll(sum, i -> sum[i] + counts[i]);
        });
    System.out.printf(
        "%d of %d bytes, seed %d: %s%n", Arrays.stream(sum).sum(), whole.length, SEED, text(sum));
  }

  private static String text(int[] counts) {
    return "%d refused, %d in use and without effect, %d unused, %d read otherwise"
        .formatted(counts[0], counts[1], counts[2], counts[3]);
  }
}
