package dev.mapstorm.persistence.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * SQLite's log of what was written and not yet moved into the database. At the first frame whose
 * checksum is wrong SQLite takes the log to end, without a word: so a power cut in the middle of a
 * write leaves no trace, and neither would damage further ahead. This tells the two apart. A write
 * is on the disk before the next one begins, so a power cut can cost the last write and no other.
 *
 * @see <a href="https://sqlite.org/fileformat2.html#walformat">the format</a>
 */
final class WriteAheadLog {
  private static final int HEADER_BYTES = 32;
  private static final int FRAME_HEADER_BYTES = 24;

  /** Part of the log's header, and of a frame's header, that a checksum covers. */
  private static final int SUMMED_OF_HEADER = 24;

  private static final int SUMMED_OF_FRAME = 8;

  /** Without its last bit, which is set if checksums take numbers as big-endian. */
  private static final int MAGIC = 0x377f0682;

  /** A run may write while the log is read; a frame that is then half there is whole soon after. */
  private static final int TRIES = 3;

  private static final Loss NONE = new Loss(0, 0);

  /**
   * What would be dropped.
   *
   * @param frame first one that is not as it was written, from 1; 0 for the log's header
   * @param writes that end with it or behind it
   */
  private record Loss(long frame, long writes) {}

  private final DataInputStream in;
  private int sum;
  private int sumOfSums;
  private ByteOrder order;

  private WriteAheadLog(InputStream in) {
    this.in = new DataInputStream(in);
  }

  /**
   * Looks through the log in {@code file}.
   *
   * @throws DamagedJournalException if SQLite would leave out more than a write that was cut off
   */
  static void check(Path file) {
    Loss loss = loss(file);
    for (int again = 1; loss.writes > 1 && again < TRIES; again++) {
      loss = loss(file);
    }
    if (loss.writes > 1) {
      throw new DamagedJournalException(
          "%s is damaged at %s: SQLite drops the %d writes from there on"
              .formatted(file, loss.frame == 0 ? "its header" : "frame " + loss.frame, loss.writes),
          null);
    }
  }

  private static Loss loss(Path file) {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return new WriteAheadLog(bytes).loss();
    } catch (NoSuchFileException e) {
      return NONE;
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  private Loss loss() throws IOException {
    byte[] header = in.readNBytes(HEADER_BYTES);
    if (header.length < HEADER_BYTES) {
      return NONE;
    }
    ByteBuffer numbers = ByteBuffer.wrap(header);
    order = (numbers.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    add(header, SUMMED_OF_HEADER);
    boolean valid = (numbers.getInt(0) & ~1) == MAGIC && isSum(numbers, 24);
    return valid
        ? loss(numbers.getInt(8), numbers.getLong(16), Long.MAX_VALUE)
        : loss(SqliteJournal.PAGE_BYTES, 0, 0);
  }

  /**
   * Looks through the frames.
   *
   * @param givenSalt that marks the frames of this log; that of the first if the header is damaged
   * @param broken first place that is known to be damaged, see {@link Loss#frame}
   */
  private Loss loss(int pageBytes, long givenSalt, long broken) throws IOException {
    long salt = givenSalt;
    long firstBroken = broken;
    long writes = 0;
    byte[] frame = new byte[FRAME_HEADER_BYTES];
    byte[] page = new byte[pageBytes];
    for (long number = 1; read(frame) && read(page); number++) {
      ByteBuffer head = ByteBuffer.wrap(frame);
      if (number == 1 && broken == 0) {
        salt = head.getLong(8);
      }
      boolean ofThisLog = head.getLong(8) == salt;
      add(frame, SUMMED_OF_FRAME);
      add(page, page.length);
      if (!ofThisLog || !isSum(head, 16)) {
        firstBroken = Math.min(firstBroken, number);
      }
      // Frames of a time before the log began anew may stand behind; these are in the database.
      if (number >= firstBroken && ofThisLog && head.getInt(4) != 0) {
        writes++;
      }
    }
    return new Loss(firstBroken, writes);
  }

  private boolean read(byte[] into) throws IOException {
    return in.readNBytes(into, 0, into.length) == into.length;
  }

  private boolean isSum(ByteBuffer numbers, int at) {
    return sum == numbers.getInt(at) && sumOfSums == numbers.getInt(at + 4);
  }

  /** The checksum of SQLite's log: two sums that run on from frame to frame. */
  private void add(byte[] bytes, int length) {
    ByteBuffer numbers = ByteBuffer.wrap(bytes, 0, length).order(order);
    while (numbers.hasRemaining()) {
      sum += numbers.getInt() + sumOfSums;
      sumOfSums += numbers.getInt() + sum;
    }
  }
}
