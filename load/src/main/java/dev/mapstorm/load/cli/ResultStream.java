package dev.mapstorm.load.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The process's standard output. That a reader has seen enough and left, as {@code head} does, is
 * no failure: what follows is dropped. Every other failure is thrown, which {@link System#out}
 * would not do.
 */
final class ResultStream extends OutputStream {
  private static final String BROKEN_PIPE = "Broken pipe";

  private final OutputStream stream;
  private boolean left;

  /** Writes to {@code stream}. */
  ResultStream(OutputStream stream) {
    this.stream = stream;
  }

  /** Standard output. */
  static ResultStream ofProcess() {
    return new ResultStream(new FileOutputStream(FileDescriptor.out));
  }

  /** Whether whoever was to read it closed his end. */
  static boolean readerLeft(IOException e) {
    return String.valueOf(e.getMessage()).contains(BROKEN_PIPE);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (left) {
      return;
    }
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      left = readerLeft(e);
      if (!left) {
        throw e;
      }
    }
  }
}
