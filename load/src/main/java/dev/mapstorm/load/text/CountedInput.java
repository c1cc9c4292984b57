package dev.mapstorm.load.text;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** A stream that tells how much was read from it. Not thread-safe. */
public final class CountedInput extends FilterInputStream {
  private final LongConsumer listener;
  private long bytes;

  /**
   * Reads {@code in}, which is closed with this.
   *
   * @param listener hears the number of bytes so far, each time that some were read
   */
  public CountedInput(InputStream in, LongConsumer listener) {
    super(in);
    this.listener = listener;
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    count(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int some = super.read(buffer, offset, length);
    count(Math.max(some, 0));
    return some;
  }

  private void count(int more) {
    bytes += more;
    listener.accept(bytes);
  }
}
