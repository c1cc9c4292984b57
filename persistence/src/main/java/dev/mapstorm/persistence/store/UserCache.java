package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The directory in which native code is unpacked once for all processes of a user, instead of into
 * the temporary directory by each: what a killed process leaves there is what the next one uses.
 * Nobody else may read or write it, since what lies in it is executed. Everything in it can be made
 * again, so it may be deleted while no mapstorm runs.
 *
 * <p>It is {@code mapstorm} in {@code $XDG_CACHE_HOME}, or else in {@code ~/.cache}, as the XDG
 * base directory specification has it; where neither can be written, {@code mapstorm-USER} in the
 * temporary directory.
 */
public final class UserCache {
  private static final String NAME = "mapstorm";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> WRITTEN_BY_OTHERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private UserCache() {}

  /**
   * The directory, made if it is missing.
   *
   * @throws StoreException if there is none that belongs to the user alone
   */
  public static Path directory() {
    return directory(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        Path.of(System.getProperty("java.io.tmpdir")),
        System.getProperty("user.name"));
  }

  /** The same for another environment, home and temporary directory. */
  static Path directory(Map<String, String> environment, Path home, Path temporary, String user) {
    List<String> refused = new ArrayList<>();
    for (Path candidate : candidates(environment, home, temporary, user)) {
      try {
        makePrivate(candidate);
        return candidate;
      } catch (IOException e) {
        refused.add("%s: %s".formatted(candidate, FileErrors.reason(e)));
      }
    }
    throw new StoreException(
        "there is no directory that is the user's alone (%s)"
            .formatted(String.join("; ", refused)));
  }

  private static List<Path> candidates(
      Map<String, String> environment, Path home, Path temporary, String user) {
    List<Path> candidates = new ArrayList<>();
    String named = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!named.isEmpty() && Path.of(named).isAbsolute()) {
      candidates.add(Path.of(named, NAME));
    }
    // Users of services have homes that were never made, and are not to be made here.
    if (home.isAbsolute() && Files.isDirectory(home)) {
      candidates.add(home.resolve(".cache").resolve(NAME));
    }
    candidates.add(temporary.resolve(NAME + "-" + user.replaceAll("[^A-Za-z0-9._-]", "_")));
    return candidates;
  }

  /**
   * Makes a directory that only its owner may read and write.
   *
   * @throws IOException if it cannot be made, or is there and belongs to somebody else or may be
   *     written by others, who may have left something in it
   */
  static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory.toAbsolutePath().getParent());
    if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(directory);
      return;
    }
    FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    try {
      Files.createDirectory(directory, mode);
    } catch (FileAlreadyExistsException e) {
      // Whether it is fit is found below.
    }
    PosixFileAttributes found =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()) {
      throw new IOException("it is no directory");
    }
    if (found.permissions().stream().anyMatch(WRITTEN_BY_OTHERS::contains)) {
      throw new IOException("others may write it");
    }
    if (!found.owner().equals(whoWrites(directory))) {
      throw new IOException("it belongs to " + found.owner().getName());
    }
    if (!found.permissions().equals(OWNER_ONLY)) {
      Files.setPosixFilePermissions(directory, OWNER_ONLY);
    }
  }

  /** The user of this process, as the directory's file system knows them. */
  private static UserPrincipal whoWrites(Path directory) throws IOException {
    Path mine = Files.createTempFile(directory, "who", "");
    try {
      return Files.getOwner(mine);
    } finally {
      Files.delete(mine);
    }
  }
}
