package dev.mapstorm.persistence.hocon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The text of a file that is to be HOCON: as much as {@link HoconScan} takes, and UTF-8. */
public final class HoconFile {
  /** In UTF-8 no character of a Java text has more. */
  private static final int BYTES_OF_CHAR = 3;

  private static final int BYTES_MAX = BYTES_OF_CHAR * HoconScan.CHARS_MAX;

  private HoconFile() {}

  /**
   * Reads a file. No more is read than its directory says it has, so that what has no length, such
   * as a device or a file of {@code /proc}, gives nothing.
   *
   * @param links none if it must not be a link
   * @throws HoconException if it is no regular file, too long or not UTF-8
   * @throws IOException if it cannot be read
   */
  public static String read(Path file, LinkOption... links) throws IOException {
    String name = HoconException.shown(file.toString(), HoconScan.KEY_MAX);
    long bytes = Files.readAttributes(file, BasicFileAttributes.class, links).size();
    if (!Files.isRegularFile(file, links)) {
      throw new HoconException(name + ": is no regular file");
    }
    if (bytes > BYTES_MAX) {
      throw new HoconException(
          "%s: must have up to %d bytes, has %d".formatted(name, BYTES_MAX, bytes));
    }
    try (InputStream in = Files.newInputStream(file, links)) {
      ByteBuffer content = ByteBuffer.wrap(in.readNBytes((int) bytes));
      return StandardCharsets.UTF_8.newDecoder().decode(content).toString();
    } catch (CharacterCodingException e) {
      throw new HoconException(name + ": is not UTF-8 text");
    }
  }
}
