package dev.mapstorm.load.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --host}, where a command without it takes all hosts. */
final class HostChoice {
  @Option(names = "--host", paramLabel = "H", description = "Only this host; by default all.")
  private Integer host;

  /** The hosts to take, of those that a run has. */
  List<Integer> of(Path run, List<Integer> hosts) {
    if (host == null) {
      return hosts;
    }
    if (!hosts.contains(host)) {
      throw new CommandException(
          ExitCode.USAGE, "--host %d: %s has the hosts %s".formatted(host, run, hosts));
    }
    return List.of(host);
  }
}
