package dev.mapstorm.load.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** A stream that is somebody else's, such as standard output: what is written to it is gone. */
public final class StreamDestination implements Destination {
  private final OutputStream stream;

  /** Writes to {@code stream}, which is flushed and not closed. */
  public StreamDestination(OutputStream stream) {
    this.stream = new BufferedOutputStream(stream);
  }

  @Override
  public OutputStream open(String name) {
    return stream;
  }

  @Override
  public Path reserve(String name) {
    throw new UnsupportedOperationException("a stream has no path");
  }

  @Override
  public List<WrittenFile> commit() throws IOException {
    stream.flush();
    return List.of();
  }

  @Override
  public void close() {}
}
