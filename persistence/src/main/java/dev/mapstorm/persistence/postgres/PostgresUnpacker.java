package dev.mapstorm.persistence.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Unpacks the server: a jar that holds one {@code .txz}. Apart from the rest, since what it needs
 * is not on the program's class path, see {@link PostgresBinaries}.
 */
public final class PostgresUnpacker {
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwx------");
  private static final int EXECUTABLE = 0100;

  private PostgresUnpacker() {}

  /**
   * Unpacks {@code jar} into {@code directory}, for its owner alone.
   *
   * @throws IOException if the jar is not what it should be, or cannot be unpacked
   */
  public static void unpack(Path jar, Path directory) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".txz")) {
          unpack(zip, directory);
          return;
        }
      }
    }
    throw new IOException(jar + " holds no .txz");
  }

  private static void unpack(InputStream packed, Path directory) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(packed));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path file = inside(directory, directory.resolve(entry.getName()), entry);
      if (entry.isDirectory()) {
        Files.createDirectories(file);
      } else if (entry.isSymbolicLink()) {
        Path target = Path.of(entry.getLinkName());
        inside(directory, file.resolveSibling(target), entry);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, target);
      } else if (entry.isFile()) {
        Files.createDirectories(file.getParent());
        Files.copy(tar, file);
        Files.setPosixFilePermissions(file, (entry.getMode() & EXECUTABLE) != 0 ? PROGRAM : FILE);
      }
    }
  }

  private static Path inside(Path directory, Path file, TarArchiveEntry entry) throws IOException {
    Path clean = file.normalize();
    if (!clean.startsWith(directory)) {
      throw new IOException(entry.getName() + " leads out of the archive");
    }
    return clean;
  }
}
