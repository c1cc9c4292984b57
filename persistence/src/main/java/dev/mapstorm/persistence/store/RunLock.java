package dev.mapstorm.persistence.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says that a process is at work on a run: the lock of the operating system on a file of its
 * directory, which goes with the process however that ends. The file itself stays. Thread-safe.
 */
public final class RunLock implements AutoCloseable {
  /**
   * Files that this process has locked. They must not be opened again to look: closing any of its
   * handles of a file ends a process's locks on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws StoreException if somebody is at work on the run
   */
  public static RunLock take(Path file) {
    Path key = file.toAbsolutePath().normalize();
    if (!HELD.add(key)) {
      throw taken(file);
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new RunLock(key, channel);
      }
      close(channel, key);
      throw taken(file);
    } catch (IOException e) {
      close(channel, key);
      throw new StoreException("%s cannot be locked: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /** Whether somebody has it. */
  public static boolean isTaken(Path file) {
    if (HELD.contains(file.toAbsolutePath().normalize())) {
      return true;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    // A shared lock needs no right to write: a run on a read-only disk is not running.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      // Somebody else's run, which cannot be looked at.
      return true;
    }
  }

  private static void close(FileChannel channel, Path key) {
    HELD.remove(key);
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new StoreException("%s cannot be closed: %s".formatted(key, e.getMessage()), e);
      }
    }
  }

  private static StoreException taken(Path file) {
    return new StoreException(
        "another process is running %s: wait for it or stop it".formatted(file.getParent()));
  }

  /** Gives it back. */
  @Override
  public void close() {
    close(channel, file);
  }
}
