package dev.mapstorm.load.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** Text in UTF-16, as PowerShell redirects output to files, read as UTF-8. Not thread safe. */
final class Utf16 extends InputStream {
  private static final int CHARS = 1 << 13;

  private final Reader reader;
  private final char[] chars = new char[CHARS];
  private byte[] bytes = new byte[0];
  private int at;

  private Utf16(InputStream in) {
    reader = new InputStreamReader(in, StandardCharsets.UTF_16);
  }

  /**
   * The stream itself, unless it begins with the byte order mark of UTF-16.
   *
   * @throws IOException if it cannot be read
   */
  static InputStream toUtf8(BufferedInputStream in) throws IOException {
    in.mark(2);
    int first = in.read();
    int second = in.read();
    in.reset();
    boolean marked = first == 0xff && second == 0xfe || first == 0xfe && second == 0xff;
    return marked ? new Utf16(in) : in;
  }

  @Override
  public int read() throws IOException {
    return fill() ? bytes[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, bytes.length - at);
    System.arraycopy(bytes, at, into, offset, count);
    at += count;
    return count;
  }

  private boolean fill() throws IOException {
    if (at < bytes.length) {
      return true;
    }
    int read = reader.read(chars, 0, CHARS - 1);
    if (read > 0 && Character.isHighSurrogate(chars[read - 1])) {
      read += Math.max(reader.read(chars, read, 1), 0);
    }
    bytes = read < 0 ? new byte[0] : new String(chars, 0, read).getBytes(StandardCharsets.UTF_8);
    at = 0;
    return read > 0;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
