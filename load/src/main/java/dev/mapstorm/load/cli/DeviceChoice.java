package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunNames;
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
    return device == null
        ? OptionalInt.empty()
        : OptionalInt.of(
            OptionValues.named(
                "--device", device, text -> RunNames.device(text, run.scenario().devices())));
  }
}
