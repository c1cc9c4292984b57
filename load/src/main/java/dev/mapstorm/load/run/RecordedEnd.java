package dev.mapstorm.load.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.run.RunReport.HostEnd;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.text.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The end that a complete run came to, by the report that was written then: {@code report.json}, or
 * {@code fleet.json} of a cluster's run. A stream that lost its end looks like an interrupted one,
 * and only the report knows better.
 *
 * @param file that says so
 * @param hash of the whole run
 * @param events of all hosts
 * @param hosts how each ended; empty if the report does not tell
 */
record RecordedEnd(String file, String hash, long events, List<HostEnd> hosts) {
  private static final int NAMED = 5;

  /** What the report in a directory says; empty if there is none, or the run was not complete. */
  static Optional<RecordedEnd> in(RunDirectory directory) {
    return directory.isShared() ? ofFleet(directory.fleetJson()) : ofRun(directory.reportJson());
  }

  private static Optional<RecordedEnd> ofRun(Path file) {
    JsonNode report = read(file);
    return report.path("complete").asBoolean()
        ? Optional.of(
            new RecordedEnd(
                file.getFileName().toString(),
                report.at("/journal/hash").asText(),
                report.at("/journal/events").asLong(),
                hosts(report.path("hosts"))))
        : Optional.empty();
  }

  private static Optional<RecordedEnd> ofFleet(Path file) {
    JsonNode report = read(file);
    return report.path("state").asText().equals("complete")
        ? Optional.of(
            new RecordedEnd(
                file.getFileName().toString(),
                report.path("hash").asText(),
                report.path("events").asLong(),
                hosts(report.path("ends"))))
        : Optional.empty();
  }

  private static List<HostEnd> hosts(JsonNode list) {
    List<HostEnd> hosts = new ArrayList<>();
    for (JsonNode host : list) {
      hosts.add(
          new HostEnd(
              host.path("host").asInt(),
              host.path("complete").asBoolean(),
              host.path("endNs").asLong(),
              host.path("events").asLong(),
              host.path("batches").asLong(),
              host.path("hash").asText()));
    }
    return hosts;
  }

  /** The report; nothing if there is none, or what there is cannot be read. */
  private static JsonNode read(Path file) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      return Files.isRegularFile(file) ? mapper.readTree(file.toFile()) : mapper.createObjectNode();
    } catch (IOException e) {
      // The report is derived from the journal, which is what counts.
      return mapper.createObjectNode();
    }
  }

  /**
   * What a journal lacks of this end, or has otherwise, in a clause; empty if nothing.
   *
   * @param scenario of the run
   * @param end that the journal has
   */
  Optional<String> missing(ResolvedScenario scenario, SimulationResult end) {
    List<String> missing = new ArrayList<>();
    Map<Integer, HostResult> journaled = new TreeMap<>();
    end.hosts().forEach(host -> journaled.put(host.host(), host));
    for (HostEnd host : hosts) {
      missing(host, Optional.ofNullable(journaled.get(host.host()))).ifPresent(missing::add);
    }
    if (missing.isEmpty() && (!scenario.isComplete(end) || !end.hash().equals(hash))) {
      end.hosts().stream()
          .filter(host -> !host.complete())
          .map(host -> "the close of host %d".formatted(host.host()))
          .forEach(missing::add);
      if (end.hosts().size() < scenario.hosts()) {
        missing.add(
            "all of %d of its %d hosts"
                .formatted(scenario.hosts() - end.hosts().size(), scenario.hosts()));
      }
    }
    return missing.isEmpty() ? Optional.empty() : Optional.of(inWords(missing));
  }

  private static Optional<String> missing(HostEnd host, Optional<HostResult> found) {
    if (found.isEmpty()) {
      return Optional.of(
          "all of host %d (%s with %s)"
              .formatted(
                  host.host(),
                  Units.things(host.batches(), "batch"),
                  Units.things(host.events(), "event")));
    }
    if (found.get().complete()) {
      return Optional.empty();
    }
    long lacks = host.batches() - found.get().batches();
    return Optional.of(
        lacks > 0
            ? "the last %d of %d batches of host %d".formatted(lacks, host.batches(), host.host())
            : "the close of host %d".formatted(host.host()));
  }

  private static String inWords(List<String> missing) {
    String named = missing.stream().limit(NAMED).collect(Collectors.joining(", "));
    int more = missing.size() - NAMED;
    return more > 0 ? "%s and of %d more hosts".formatted(named, more) : named;
  }

  /** The hosts that ended otherwise, with a hash that is another one. */
  List<Integer> otherwise(SimulationResult end) {
    Map<Integer, String> hashes =
        end.hosts().stream()
            .collect(
                Collectors.toMap(HostResult::host, host -> HexFormat.of().formatHex(host.hash())));
    return hosts.stream()
        .filter(host -> !host.hash().equals(hashes.getOrDefault(host.host(), host.hash())))
        .map(HostEnd::host)
        .toList();
  }
}
