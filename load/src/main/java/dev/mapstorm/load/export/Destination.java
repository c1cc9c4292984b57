package dev.mapstorm.load.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Where an export goes. Files have temporary names until {@link #commit}, so that what bears the
 * final name is whole. Not thread-safe.
 */
public interface Destination extends AutoCloseable {
  /**
   * Opens a file. It is closed by {@link #commit} or {@link #close}, whichever comes first.
   *
   * @param name of the file, where the destination has several; else of no meaning
   */
  OutputStream open(String name) throws IOException;

  /**
   * A path that does not exist yet, for a library that writes the file itself and closes it before
   * {@link #commit}.
   *
   * @param name as for {@link #open}
   */
  Path reserve(String name) throws IOException;

  /** All is written: gives the files their names. Returns them, in the order of their opening. */
  List<WrittenFile> commit() throws IOException;

  /** Removes what was not committed. */
  @Override
  void close() throws IOException;
}
