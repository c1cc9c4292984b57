package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RunNames;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --host}, of commands that take all hosts without it, or the only one. */
final class HostChoice {
  @Option(
      names = "--host",
      paramLabel = "H",
      description =
          "Only this host; by default all. Where one is shown and there are several, it has to be named.")
  private Integer host;

  /** The hosts to take, of those that a run has. */
  List<Integer> of(Path run, List<Integer> hosts) {
    if (host == null) {
      return hosts;
    }
    if (!hosts.contains(host)) {
      throw new CommandException(
          ExitCode.USAGE, "--host %d: %s has %s".formatted(host, run, RunNames.hosts(hosts)));
    }
    return List.of(host);
  }

  /** The one host to take; has to be named where a run has several. */
  int one(Path run, List<Integer> hosts) {
    List<Integer> taken = of(run, hosts);
    if (taken.size() != 1) {
      throw new CommandException(
          ExitCode.USAGE,
          "%s: the run has %s; name one with --host".formatted(run, RunNames.hosts(hosts)));
    }
    return taken.get(0);
  }
}
