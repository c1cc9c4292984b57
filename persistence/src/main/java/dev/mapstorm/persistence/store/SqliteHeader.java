package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the header of an SQLite file says of its size, to tell what is wrong with one that SQLite
 * does not read.
 *
 * @param pageBytes size of a page
 * @param pages of the file; while a write-ahead log stands beside it, as of some time before
 * @param fileBytes that the file has
 */
record SqliteHeader(int pageBytes, long pages, long fileBytes) {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int BYTES = 100;
  private static final int PAGE_BYTES_AT = 16;
  private static final int PAGES_AT = 28;

  /** Stands for pages of 64 KiB, which do not fit the field. */
  private static final int LARGEST = 1;

  /**
   * Reads the header of a file.
   *
   * @throws StoreException if the file cannot be read or is no SQLite database
   */
  static SqliteHeader of(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES);
      if (bytes.length == 0) {
        throw new StoreException("%s is empty".formatted(file));
      }
      if (!Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
        throw new StoreException("%s is not an SQLite database".formatted(file));
      }
      ByteBuffer header = ByteBuffer.wrap(Arrays.copyOf(bytes, BYTES));
      int pageBytes = header.getShort(PAGE_BYTES_AT) & 0xffff;
      return new SqliteHeader(
          pageBytes == LARGEST ? 1 << 16 : pageBytes,
          header.getInt(PAGES_AT) & 0xffff_ffffL,
          Files.size(file));
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /** Bytes that the file lacks, by its header; 0 if none. */
  long missingBytes() {
    return Math.max(0, pages * pageBytes - fileBytes);
  }
}
