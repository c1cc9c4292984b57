package dev.mapstorm.load.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands of {@code --exec}. */
final class StepScript {
  private static final String FILE = "@";
  private static final String COMMENT = "#";

  private StepScript() {}

  /**
   * Takes them apart: semicolons and line breaks separate them, lines that begin with {@code #} are
   * comments.
   *
   * @param values as they were given, {@code @FILE} for those in a file
   */
  static List<String> of(List<String> values) {
    List<String> commands = new ArrayList<>();
    for (String value : values) {
      String text = value.startsWith(FILE) ? read(value.substring(FILE.length())) : value;
      text.lines()
          .filter(line -> !line.strip().startsWith(COMMENT))
          .flatMap(line -> List.of(line.split(";")).stream())
          .map(String::strip)
          .filter(command -> !command.isEmpty())
          .forEach(commands::add);
    }
    return commands;
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.USAGE,
          "--exec @%s: %s"
              .formatted(file, Files.exists(Path.of(file)) ? "cannot be read" : "does not exist"));
    }
  }
}
