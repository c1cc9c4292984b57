package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.StoreException;
import java.nio.file.Path;

/**
 * A run whose journaled requests are asked again.
 *
 * @param run its directory, absolute
 * @param reader of its journal
 * @param end how far it came
 * @param scenario resolved, as its journal was opened with it
 */
record RequestsJournal(Path run, JournalReader reader, SimulationResult end, String scenario) {
  private static final String KEEP_IOVAS = "keep-iovas";

  /**
   * Opens a run directory.
   *
   * @param databases that its journal may be in
   * @throws StoreException if it is none, nothing was journaled, or the run is under way
   */
  static RequestsJournal open(Path path, NamedDatabases databases) {
    RunDirectory directory = RunDirectory.open(path, databases);
    if (directory.isRunning()) {
      throw new StoreException("%s is running: its requests are not all there yet".formatted(path));
    }
    JournalReader reader = directory.journal().reader();
    if (reader.hosts().isEmpty()) {
      throw new StoreException("the journal of %s is empty".formatted(path));
    }
    String scenario = reader.opened(reader.hosts().get(0)).scenario();
    Path run = path.toAbsolutePath().normalize();
    return new RequestsJournal(run, reader, JournalEnds.of(reader), scenario);
  }

  /** What its scenario says. */
  ResolvedScenario resolved() {
    return ResolvedScenario.of(scenario, run.toString());
  }

  /**
   * Its scenario with the requests of the journal in place of what it asked for itself.
   *
   * @param closedLoop whether a client asks when one of its requests is done, instead of at the
   *     journaled instants
   * @throws ScenarioException if that has no meaning for its clients
   */
  Config again(boolean closedLoop) {
    Config config = parsed();
    boolean recorded = resolved().hasRecordedClients();
    if (recorded && closedLoop) {
      throw new ScenarioException(
          "--closed-loop: the requests of %s are those of a kernel trace, which says itself when each is released"
              .formatted(run));
    }
    Config asked =
        recorded
            ? withoutKeptIovas(config)
            : Mix.mapped(
                RequestOrigin.JOURNAL.without(config, "rate"),
                machine ->
                    RequestOrigin.JOURNAL.without(machine, "rate").withoutPath("client.rate"));
    Config again =
        asked
            .withValue("trace", said("none"))
            .withValue("requests", said(run.toString()))
            .withValue("requests-hash", said(end.hash()));
    return recorded
        ? again
        : again.withValue("client.rate", said(closedLoop ? "closed" : "recorded"));
  }

  /** A run that kept its trace's addresses is refused by that key: no journal has such requests. */
  private static Config withoutKeptIovas(Config config) {
    boolean kept = config.hasPath(KEEP_IOVAS) && config.getBoolean(KEEP_IOVAS);
    return kept ? config : config.withoutPath(KEEP_IOVAS);
  }

  /** A value that messages call the run's. */
  private ConfigValue said(String value) {
    return ConfigValueFactory.fromAnyRef(value, run.toString());
  }

  private Config parsed() {
    return ClosedScenario.of(scenario, run.toString());
  }
}
