package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native code. The driver by itself unpacks it into the temporary directory at each start
 * and deletes it at the end, which a killed process does not reach. Here it is unpacked once into
 * the {@link UserCache}, for each version and platform. Thread-safe.
 */
public final class SqliteLibrary {
  /** Where the driver looks before it unpacks anything. */
  private static final String PATH = "org.sqlite.lib.path";

  /** Where the driver unpacks when told. */
  private static final String TEMPORARY = "org.sqlite.tmpdir";

  private SqliteLibrary() {}

  /**
   * Tells the driver where the library is. To be called before the first connection of the process;
   * calling it again changes nothing, and somebody who set the driver's own properties keeps them.
   * If there is no cache directory the driver does what it does by itself.
   */
  public static synchronized void place() {
    if (System.getProperty(PATH) != null || System.getProperty(TEMPORARY) != null) {
      return;
    }
    String folder = LibraryLoaderUtil.getNativeLibResourcePath();
    String name = LibraryLoaderUtil.getNativeLibName();
    URL packed = SqliteLibrary.class.getResource(folder + "/" + name);
    if (packed == null) {
      return;
    }
    String platform = folder.replaceFirst("^/org/sqlite/native/", "").replace('/', '-');
    try {
      Path directory =
          UserCache.directory()
              .resolve("sqlite-%s-%s".formatted(SQLiteJDBCLoader.getVersion(), platform));
      Path library = directory.resolve(name);
      if (!isWhole(library, packed)) {
        unpack(packed, library);
      }
      System.setProperty(PATH, directory.toString());
    } catch (IOException | StoreException e) {
      // Without a cache it is unpacked into the temporary directory.
      System.clearProperty(PATH);
    }
  }

  /** A length is enough: the file appears under its name when it is complete. */
  private static boolean isWhole(Path library, URL packed) throws IOException {
    return Files.isRegularFile(library)
        && Files.size(library) == packed.openConnection().getContentLengthLong();
  }

  private static void unpack(URL packed, Path library) throws IOException {
    Files.createDirectories(library.getParent());
    Path part = Files.createTempFile(library.getParent(), "part", "");
    try (InputStream in = packed.openStream()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(
          part, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
