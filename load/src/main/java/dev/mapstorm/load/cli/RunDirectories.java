package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where runs go when nobody says where. */
final class RunDirectories {
  /** The directory that holds them. */
  static final Path PARENT = Path.of("runs");

  private RunDirectories() {}

  /**
   * {@code runs/SCENARIO-N}, with the lowest number from 1 that is free. The directory is made, so
   * that of runs that begin at the same time each has its own.
   *
   * @throws StoreException if it cannot be made
   */
  static Path next(String scenario) {
    return next(PARENT, scenario);
  }

  /** The same below another directory. */
  static Path next(Path parent, String scenario) {
    for (int n = 1; ; n++) {
      Path path = parent.resolve(scenario + "-" + n);
      try {
        Files.createDirectories(parent);
        return Files.createDirectory(path);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(parent)) {
          throw new StoreException("%s is not a directory".formatted(parent), e);
        }
      } catch (IOException e) {
        throw new StoreException("%s cannot be made: %s".formatted(path, FileErrors.reason(e)), e);
      }
    }
  }
}
