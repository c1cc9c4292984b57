package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunNames;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** {@code --device}, by name or number. */
final class DeviceChoice {
  private static final String OPTION = "--device";

  @Option(
      names = OPTION,
      paramLabel = "D",
      description = "Only what concerns the clients of this device, by name or number.")
  private String device;

  /** Whether one was named. */
  boolean isMade() {
    return device != null;
  }

  /** The number of the device on a host; empty if none was named. */
  OptionalInt of(RecordedRun run, int host) {
    return device == null
        ? OptionalInt.empty()
        : OptionalInt.of(named(run.scenario().machine(host).devices()));
  }

  /**
   * The number of the device on each of some hosts that has it; where machines differ, not all
   * have. Empty if none was named.
   *
   * @throws CommandException if no host has it
   */
  Map<Integer, Integer> of(RecordedRun run, List<Integer> hosts) {
    Map<Integer, Integer> numbers = new TreeMap<>();
    if (device == null) {
      return numbers;
    }
    for (int host : hosts) {
      RunNames.findDevice(device, run.scenario().machine(host).devices())
          .ifPresent(number -> numbers.put(host, number));
    }
    if (numbers.isEmpty()) {
      Stream<String> known =
          run.scenario().machines().stream().flatMap(kind -> kind.devices().stream());
      named(known.distinct().toList());
    }
    return numbers;
  }

  private int named(List<String> devices) {
    return OptionValues.named(OPTION, device, text -> RunNames.device(text, devices));
  }
}
