package dev.mapstorm.load.scenario;

import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/** The requests of an earlier run, each host's read for the host of the same number. */
final class JournaledRequests {
  private final Settings settings;
  private final Mix mix;
  private final RequestsJournal journal;
  private final List<JournaledClients> clients = new ArrayList<>();
  private long requests;
  private long untold;

  private JournaledRequests(Settings settings, Mix mix, RequestsJournal journal) {
    this.settings = settings;
    this.mix = mix;
    this.journal = journal;
  }

  /**
   * Opens the journal that a scenario names, and checks that the scenario goes with it.
   *
   * @param settings of the whole scenario
   * @param databases that the journal may be in
   */
  static JournaledRequests open(Settings settings, Mix mix, NamedDatabases databases) {
    try {
      RequestsJournal journal = RequestsJournal.open(settings.path("requests"), databases);
      JournaledRequests requests = new JournaledRequests(settings, mix, journal);
      requests.prepare();
      return requests;
    } catch (DamagedJournalException e) {
      // Nothing is wrong with the scenario.
      throw e;
    } catch (StoreException e) {
      throw settings.wrong("requests", e.getMessage());
    }
  }

  private void prepare() {
    ResolvedScenario asked = journal.resolved();
    boolean recorded = asked.hasRecordedClients();
    if (recorded && mix.isMixed()) {
      throw settings.wrong(
          "mix", "has no meaning with the requests of a trace, which is that of one machine");
    }
    for (MixElement element : mix.elements()) {
      JournaledClients kind = new JournaledClients(element.settings(), journal, recorded);
      kind.saidBy().check(element.given());
      clients.add(kind);
    }
    checkRun();
    int hosts = journal.reader().hosts().size();
    for (int host = 0; host < hosts; host++) {
      clients.get(mix.elementOf(host)).checkCount(asked.machine(host).clients());
    }
    // What is wrong with a client is told before the journal is read, which can take long.
    clients.forEach(JournaledClients::check);
  }

  private void checkRun() {
    if (!settings.is("requests-hash", "none")
        && !settings.text("requests-hash").equals(journal.end().hash())) {
      throw settings.wrong(
          "requests-hash",
          "the journal of %s ends with %s, not with %s: it is another run, or went on since"
              .formatted(journal.run(), journal.end().hash(), settings.text("requests-hash")));
    }
    int hosts = journal.reader().hosts().size();
    if (journal.reader().hosts().get(hosts - 1) != hosts - 1) {
      throw settings.wrong(
          "requests",
          "%s has the hosts %s only".formatted(journal.run(), journal.reader().hosts()));
    }
    if (settings.count("hosts", 1, MachineReader.MAX_HOSTS) != hosts) {
      throw settings.wrong(
          "hosts", "must be %d: each host repeats its own requests".formatted(hosts));
    }
  }

  /**
   * Reads them.
   *
   * @param endNs what arrives later is left out
   * @param progress hears how far it is
   * @return the clients of each kind of machine
   */
  List<JournaledClients> read(long endNs, ReadProgress progress) {
    MemoryLimit memory = MemoryLimit.ofProcess(journal.run().toString());
    List<Integer> hosts = journal.reader().hosts();
    long bytes = 0;
    try {
      for (int host : hosts) {
        JournalRecording recording =
            JournalRecording.read(
                journal.reader(),
                host,
                clients.get(mix.elementOf(host)).saidBy() == RequestOrigin.JOURNALED_TRACE,
                endNs,
                memory.beside(bytes),
                (part, events) -> progress.read((host + part) / hosts.size(), events));
        bytes += recording.bytes();
        requests += recording.requests();
        untold += recording.untold();
        clients.get(mix.elementOf(host)).add(host, recording);
      }
      return clients;
    } catch (DamagedJournalException e) {
      // Nothing is wrong with the scenario.
      throw e;
    } catch (StoreException e) {
      throw settings.wrong("requests", e.getMessage());
    }
  }

  /** What the journal is, and what of it cannot be repeated; to be called after reading. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("%d requests of %s".formatted(requests, journal.run()));
    if (!journal.resolved().isComplete(journal.end())) {
      long reachedNs =
          journal.end().hosts().stream().mapToLong(host -> host.endNs()).min().orElse(0);
      notes.add(
          "%s was interrupted at %s, and there its requests end"
              .formatted(journal.run(), Units.time(reachedNs)));
    }
    if (untold > 0) {
      notes.add(
          "%d more had arrived and no CPU had taken them up when it ended: what they asked for is not known"
              .formatted(untold));
    }
    return notes;
  }
}
