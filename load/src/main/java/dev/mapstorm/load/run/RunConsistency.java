package dev.mapstorm.load.run;

import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.RunDirectory;
import java.util.List;
import java.util.Optional;

/**
 * Whether the parts of a run belong together: the streams of its hosts, which are chained each on
 * its own, and the report, which names the end that the journal came to ({@link RecordedEnd}).
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
    Optional<RecordedEnd> recorded = RecordedEnd.in(directory);
    if (recorded.isEmpty()) {
      return;
    }
    RecordedEnd expected = recorded.get();
    SimulationResult end = JournalEnds.of(run.journal());
    Optional<String> missing = expected.missing(run.scenario(), end);
    if (missing.isPresent()) {
      throw new DamagedJournalException(
          "the journal of %s has lost its end: by %s the run came to its end, with %d events and the hash %s; missing is %s"
              .formatted(
                  run.path(), expected.file(), expected.events(), expected.hash(), missing.get()),
          null);
    }
    if (!end.hash().equals(expected.hash())) {
      List<Integer> hosts = expected.otherwise(end);
      throw new DamagedJournalException(
          "the journal of %s ends with the hash %s, by %s it is %s%s: one of them is of another run"
              .formatted(
                  run.path(),
                  end.hash(),
                  expected.file(),
                  expected.hash(),
                  hosts.isEmpty() ? "" : ", which differs in " + RunNames.hosts(hosts)),
          null);
    }
  }
}
