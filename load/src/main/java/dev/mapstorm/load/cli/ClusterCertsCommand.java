package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a test set of certificates. */
@Command(
    name = "certs",
    description = {
      "Makes a CA and, for each node, a key and a certificate in PEM, with which nodes talk to each other by mutual"
          + " TLS: node --tls DIR/NODE takes them.",
      "",
      "They are for tests and demos: the key of the CA lies in DIR, and whoever has it can issue certificates that the"
          + " nodes accept. Private keys can be read by their owner only. Nothing that exists is overwritten.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster certs certs",
      "  mapstorm cluster certs certs --nodes a,b --days 7 --json",
    })
final class ClusterCertsCommand implements Callable<Integer> {
  private static final int MAX_DAYS = 825;

  private final Console console;

  @Parameters(paramLabel = "DIR", description = "Where to make them.")
  private Path directory;

  @Option(
      names = "--nodes",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "mapstorm-0,mapstorm-1,mapstorm-2",
      description = "Names of the nodes; by default ${DEFAULT-VALUE}.")
  private List<String> nodes;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long they are valid, 1 to " + MAX_DAYS + " days; by default 30.")
  private int days;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** What was made. */
  record Made(List<String> files, String validUntil, String purpose) {}

  ClusterCertsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (days < 1 || days > MAX_DAYS) {
      throw new CommandException(
          ExitCode.USAGE, "--days %d: must be 1 to %d".formatted(days, MAX_DAYS));
    }
    HashSet<String> names = new HashSet<>();
    for (String node : nodes) {
      if (!node.matches("[A-Za-z0-9][A-Za-z0-9.-]*")) {
        throw new CommandException(
            ExitCode.USAGE, "--nodes %s: must be letters, digits, dots and dashes".formatted(node));
      }
      if (!names.add(node)) {
        throw new CommandException(ExitCode.USAGE, "--nodes: %s is there twice".formatted(node));
      }
    }
    TestCertificates certificates =
        new TestCertificates(directory, nodes, Instant.now(), Duration.ofDays(days));
    List<String> files = certificates.write().stream().map(Path::toString).toList();
    if (json) {
      Json.print(console, new Made(files, certificates.until().toString(), "tests and demos"));
    } else {
      files.forEach(console::print);
      console.print(
          "valid until %s; for tests and demos only: who has %s can issue more"
              .formatted(certificates.until(), files.get(0)));
    }
    return ExitCode.OK;
  }
}
