package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.scenario.NearestName;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** {@code --device}, by name or number. */
final class DeviceChoice {
  @Option(
      names = "--device",
      paramLabel = "D",
      description = "Only what concerns the clients of this device, by name or number.")
  private String device;

  /** Whether one was named. */
  boolean isMade() {
    return device != null;
  }

  /** The number of the device; empty if none was named. */
  OptionalInt of(RecordedRun run) {
    if (device == null) {
      return OptionalInt.empty();
    }
    List<String> names = run.scenario().devices();
    int number = names.indexOf(device);
    if (number < 0 && device.matches("\\d{1,9}")) {
      number = Integer.parseInt(device);
    }
    if (number < 0 || number >= names.size()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--device %s: the run has %s%s"
              .formatted(device, String.join(", ", names), NearestName.hint(device, names)));
    }
    return OptionalInt.of(number);
  }
}
