package dev.mapstorm.load.text;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a text file, plain or gzip, one at a time. Gzip is recognised by its first two
 * bytes, not by the file's name; several members after each other are one text.
 *
 * <p>Lines end in LF, CR LF, CR CR LF as serial consoles log, or CR. UTF-8, where malformed bytes
 * become the replacement character, or UTF-16 with a byte order mark. Holds one buffer, not the
 * file. Not thread safe.
 *
 * <p>Every failure is a {@link TextFormatException} that names the file and the line.
 */
public final class TextLines implements AutoCloseable {
  /** Longest line in bytes; a longer one is no text. */
  public static final int MAX_LINE_BYTES = 1 << 20;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int EXCERPT_LENGTH = 60;
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private final String name;
  private final InputStream in;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private boolean exhausted;
  private boolean terminated = true;
  private long number;
  private String line = "";

  private TextLines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /**
   * Opens a file.
   *
   * @throws TextFormatException if it cannot be opened, or claims to be gzip and is not
   */
  public static TextLines open(Path file) {
    return open(file, stream -> stream);
  }

  /**
   * Opens a file and reads its bytes, before they are unpacked, through a stream of the caller's.
   *
   * @param through may wrap the file's stream, for instance to count what is read
   * @throws TextFormatException as {@link #open(Path)}
   */
  public static TextLines open(Path file, UnaryOperator<InputStream> through) {
    String name = file.toString();
    if (Files.isDirectory(file)) {
      throw new TextFormatException(name + ": is a directory");
    }
    try {
      return of(name, through.apply(Files.newInputStream(file)));
    } catch (NoSuchFileException e) {
      throw new TextFormatException(name + ": no such file", e);
    } catch (IOException e) {
      throw new TextFormatException(name + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a stream, which is closed with this, or at once if this fails.
   *
   * @param name what errors call it
   * @throws TextFormatException if it cannot be read, or claims to be gzip and is not
   */
  public static TextLines of(String name, InputStream stream) {
    try {
      BufferedInputStream in = new BufferedInputStream(stream, BUFFER_BYTES);
      in.mark(2);
      boolean gzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
      in.reset();
      BufferedInputStream text =
          gzip ? new BufferedInputStream(new GZIPInputStream(in, BUFFER_BYTES), BUFFER_BYTES) : in;
      InputStream utf8 = Utf16.toUtf8(text);
      if (utf8 != text) {
        return new TextLines(name, utf8);
      }
      refuseBinary(name, text);
      return new TextLines(name, text);
    } catch (IOException e) {
      try (stream) {
        throw new TextFormatException(name + ": " + reason(e), e);
      } catch (IOException close) {
        throw new TextFormatException(name + ": cannot be closed: " + close.getMessage(), close);
      }
    }
  }

  /** Bytes of a file, 0 where that is not known, as for a pipe. */
  public static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static void refuseBinary(String name, BufferedInputStream text) throws IOException {
    text.mark(BinaryFormat.MAGIC_BYTES);
    byte[] first = text.readNBytes(BinaryFormat.MAGIC_BYTES);
    text.reset();
    Optional<String> refusal = BinaryFormat.refusal(first, name);
    if (refusal.isPresent()) {
      throw new TextFormatException(refusal.get());
    }
  }

  /**
   * Goes to the next line.
   *
   * @return false at the end of the text
   */
  public boolean advance() {
    int scanned = start;
    while (true) {
      int i = scanned;
      for (; i < end && !(buffer[i] == '\r' && i + 1 == end); i++) {
        if (buffer[i] == '\n' || buffer[i] == '\r' && isLineEnd(i)) {
          take(i, i + 1);
          return true;
        }
      }
      if (exhausted) {
        return takeLast();
      }
      scanned = i - start;
      fill();
    }
  }

  /** The current line, without its end. */
  public String line() {
    return line;
  }

  /** Number of the current line, from 1; 0 before the first. */
  public long number() {
    return number;
  }

  /** Whether the current line has its line end. Only the last line of a text can lack it. */
  public boolean terminated() {
    return terminated;
  }

  /** What errors call this text. */
  public String name() {
    return name;
  }

  /** An error at the current line, to be thrown. */
  public TextFormatException error(String what) {
    return new TextFormatException(name + ":" + number + ": " + what);
  }

  /** Text for an error message: short, in one line, and printable. */
  public static String excerpt(String text) {
    StringBuilder out = new StringBuilder(EXCERPT_LENGTH + 5).append('\'');
    for (int i = 0; i < Math.min(text.length(), EXCERPT_LENGTH); i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return out.append(text.length() > EXCERPT_LENGTH ? "...'" : "'").toString();
  }

  /** Closes the file. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new TextFormatException(name + ": cannot be closed: " + e.getMessage(), e);
    }
  }

  /** Whether a CR ends a line, with no LF after it. */
  private boolean isLineEnd(int cr) {
    return buffer[cr + 1] != '\n' && buffer[cr + 1] != '\r';
  }

  private boolean takeLast() {
    if (start == end) {
      return false;
    }
    take(end, end);
    terminated = false;
    return true;
  }

  private void take(int lineEnd, int next) {
    int length = lineEnd - start;
    while (length > 0 && buffer[start + length - 1] == '\r') {
      length--;
    }
    line = new String(buffer, start, length, StandardCharsets.UTF_8);
    start = next;
    number++;
  }

  private void fill() {
    if (end - start > MAX_LINE_BYTES) {
      throw at(number + 1, "not text: a line of more than " + MAX_LINE_BYTES + " bytes", null);
    }
    byte[] into = end - start > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
    System.arraycopy(buffer, start, into, 0, end - start);
    buffer = into;
    end -= start;
    start = 0;
    try {
      int read = in.read(buffer, end, buffer.length - end);
      exhausted = read < 0;
      end += Math.max(read, 0);
    } catch (IOException e) {
      throw at(number + 1, reason(e), e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof EOFException) {
      return "damaged gzip: it ends too early";
    }
    return (e instanceof ZipException ? "damaged gzip: " : "cannot be read: ") + e.getMessage();
  }

  private TextFormatException at(long line, String what, Throwable cause) {
    return new TextFormatException(name + ":" + line + ": " + what, cause);
  }
}
