package dev.mapstorm.load.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where runs go when nobody says where. */
final class RunDirectories {
  /** The directory that holds them. */
  static final Path PARENT = Path.of("runs");

  private RunDirectories() {}

  /** {@code runs/SCENARIO-N}, with the lowest number from 1 that is free. */
  static Path next(String scenario) {
    int n = 1;
    while (Files.exists(PARENT.resolve(scenario + "-" + n))) {
      n++;
    }
    return PARENT.resolve(scenario + "-" + n);
  }
}
