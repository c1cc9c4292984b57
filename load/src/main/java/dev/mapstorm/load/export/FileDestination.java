package dev.mapstorm.load.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * A single file; compressed if its name ends in {@code .gz}. Whether it may replace one that is
 * there is asked before.
 */
public final class FileDestination implements Destination {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path target;
  private final Path temporary;
  private OutputStream stream = OutputStream.nullOutputStream();
  private boolean committed;

  /** The file at {@code target}, whose directory must exist. */
  public FileDestination(Path target) {
    this.target = target;
    temporary = temporary(target);
  }

  /** A hidden name beside {@code target} that no other process uses. */
  static Path temporary(Path target) {
    return target.resolveSibling(
        ".%s.%d.partial".formatted(target.getFileName(), ProcessHandle.current().pid()));
  }

  @Override
  public OutputStream open(String name) throws IOException {
    stream = create(temporary, target.getFileName().toString());
    return stream;
  }

  /** Opens {@code file} for a name that decides whether it is compressed. */
  static OutputStream create(Path file, String name) throws IOException {
    OutputStream plain =
        Files.newOutputStream(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new BufferedOutputStream(
        name.endsWith(".gz") ? new GZIPOutputStream(plain, BUFFER_BYTES) : plain, BUFFER_BYTES);
  }

  @Override
  public Path reserve(String name) throws IOException {
    Files.deleteIfExists(temporary);
    return temporary;
  }

  @Override
  public List<WrittenFile> commit() throws IOException {
    stream.close();
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    return List.of(new WrittenFile(target, Files.size(target)));
  }

  @Override
  public void close() throws IOException {
    if (!committed) {
      giveUp(stream);
      Files.deleteIfExists(temporary);
    }
  }

  /** Closes what is not wanted any more; why it could not be written was told before. */
  static void giveUp(OutputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      Thread.yield();
    }
  }
}
