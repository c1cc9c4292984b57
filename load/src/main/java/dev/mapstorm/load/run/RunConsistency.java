package dev.mapstorm.load.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;

/**
 * Whether the parts of a run belong together: the streams of its hosts, which are chained each on
 * its own, and the report, which names the end that the journal came to. A stream that lost its end
 * looks like an interrupted one, and only the report knows better.
 */
final class RunConsistency {
  private RunConsistency() {}

  /**
   * Checks a run by the two ends of each stream.
   *
   * @throws DamagedJournalException if not
   */
  static void check(RecordedRun run, RunDirectory directory) {
    checkOpenings(run);
    checkEnd(run, directory);
  }

  private static void checkOpenings(RecordedRun run) {
    int first = run.hosts().get(0);
    String scenario = run.opened(first).scenario();
    for (int host : run.hosts()) {
      if (!run.opened(host).scenario().equals(scenario)) {
        throw new DamagedJournalException(
            "the journal of %s is damaged: host %d was opened with another scenario than host %d"
                .formatted(run.path(), host, first),
            null);
      }
    }
  }

  private static void checkEnd(RecordedRun run, RunDirectory directory) {
    JsonNode report = report(directory);
    if (!report.path("complete").asBoolean()) {
      return;
    }
    String hash = report.at("/journal/hash").asText();
    SimulationResult end = JournalEnds.of(run.journal());
    if (!end.complete()) {
      throw new DamagedJournalException(
          "the journal of %s has lost its end: by report.json the run came to its end, with %s events and the hash %s"
              .formatted(run.path(), report.at("/journal/events").asText(), hash),
          null);
    }
    if (!end.hash().equals(hash)) {
      throw new DamagedJournalException(
          "the journal of %s ends with the hash %s, by report.json it is %s: one of them is of another run"
              .formatted(run.path(), end.hash(), hash),
          null);
    }
  }

  /** The report; nothing if there is none, or what there is cannot be read. */
  private static JsonNode report(RunDirectory directory) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      return Files.isRegularFile(directory.reportJson())
          ? mapper.readTree(directory.reportJson().toFile())
          : mapper.createObjectNode();
    } catch (IOException e) {
      // The report is derived from the journal, which is what counts.
      return mapper.createObjectNode();
    }
  }
}
