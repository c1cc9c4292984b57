package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.pekko.DiskFull;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What a file system says, in words for a user who is told the file's name anyway. */
public final class FileErrors {
  private FileErrors() {}

  /** What went wrong, without the name of the file and of the exception; never empty. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (DiskFull.isCause(e)) {
      return DiskFull.WORDS + "; mapstorm prune removes runs";
    }
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return reason == null || reason.isBlank() ? e.getClass().getSimpleName() : reason;
  }
}
