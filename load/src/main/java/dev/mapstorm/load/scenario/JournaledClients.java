package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.persistence.replay.Units;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.protocol.MapApi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Clients that ask for what the journal of an earlier run says, on each host for what that host was
 * asked.
 */
final class JournaledClients implements Clients {
  private static final RecordedRequests NOTHING = new RecordedRequestsBuilder().build();

  private final Settings settings;
  private final RequestsJournal journal;
  private final boolean recorded;
  private final List<String> devices;
  private final List<List<ClientSpec>> specs = new ArrayList<>();
  private long requests;
  private long untold;
  private long lastNs;

  private JournaledClients(Settings settings, RequestsJournal journal) {
    this.settings = settings;
    this.journal = journal;
    recorded = journal.resolved().hasRecordedClients();
    devices = recorded ? TracedClients.devices(settings) : SyntheticClients.devices(settings);
  }

  /**
   * Reads the journal that the scenario names.
   *
   * @param given what the scenario and the options say themselves, without defaults
   * @param endNs what arrives later is left out
   * @param progress hears how far it is
   */
  static JournaledClients read(Settings settings, Config given, long endNs, ReadProgress progress) {
    try {
      RequestsJournal journal = RequestsJournal.open(Path.of(settings.text("requests")));
      JournaledClients clients = new JournaledClients(settings, journal);
      clients.saidBy().check(given);
      clients.check();
      clients.readHosts(endNs, progress);
      return clients;
    } catch (StoreException e) {
      throw settings.wrong("requests", e.getMessage());
    }
  }

  /** Who says what they ask. */
  SaidBy saidBy() {
    return recorded ? SaidBy.JOURNALED_TRACE : SaidBy.JOURNAL;
  }

  /** Where the requests come from. */
  RequestsJournal journal() {
    return journal;
  }

  @Override
  public List<ClientSpec> specs(int host) {
    return specs.get(host);
  }

  @Override
  public List<String> devices() {
    return devices;
  }

  @Override
  public int cpus() {
    return specs.stream().mapToInt(this::cpus).max().orElseThrow();
  }

  private int cpus(List<ClientSpec> clients) {
    if (!recorded) {
      return clients.size();
    }
    int cpus = 1;
    for (ClientSpec client : clients) {
      for (byte cpu : ((ClientSpec.Recorded) client).requests().cpu()) {
        cpus = Math.max(cpus, cpu + 1);
      }
    }
    return cpus;
  }

  @Override
  public OptionalLong spanNs() {
    return OptionalLong.of(lastNs + TracedClients.TAIL_NS);
  }

  /** What the journal is, and what of it cannot be repeated. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("%d requests of %s".formatted(requests, journal.run()));
    if (!journal.end().complete()) {
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

  private void check() {
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
    int clients = journal.resolved().clients();
    int given = recorded ? devices.size() : SyntheticClients.count(settings);
    if (given != clients) {
      throw settings.wrong(
          recorded ? "trace-devices" : "clients",
          "must give %d, as many as asked in %s".formatted(clients, journal.run()));
    }
    // What is wrong with a client is told before the journal is read, which can take long.
    specs(new JournalRecording(List.of(), 0, 0, 0));
  }

  private void readHosts(long endNs, ReadProgress progress) {
    MemoryLimit memory = MemoryLimit.ofProcess(journal.run().toString());
    List<Integer> hosts = journal.reader().hosts();
    long bytes = 0;
    for (int host : hosts) {
      int done = specs.size();
      JournalRecording recording =
          JournalRecording.read(
              journal.reader(),
              host,
              recorded,
              endNs,
              memory.beside(bytes),
              (part, events) -> progress.read((done + part) / hosts.size(), events));
      bytes += recording.bytes();
      requests += recording.requests();
      untold += recording.untold();
      lastNs = Math.max(lastNs, recording.lastNs());
      specs.add(specs(recording));
    }
  }

  private List<ClientSpec> specs(JournalRecording recording) {
    return recorded ? recorded(recording) : repeated(recording);
  }

  private List<ClientSpec> recorded(JournalRecording recording) {
    Settings client = settings.section("client");
    MapApi api = TracedClients.api(client);
    long capacity = ClientReader.capacity(client);
    List<ClientSpec> clients = new ArrayList<>();
    for (String device : devices) {
      int number = clients.size();
      clients.add(new ClientSpec.Recorded(device, number, of(recording, number), api, capacity));
    }
    return clients;
  }

  private List<ClientSpec> repeated(JournalRecording recording) {
    return SyntheticClients.read(
        settings,
        new ClientReader<ClientSpec>(
            devices.size(),
            (client, name, device, cpu, api, capacity) ->
                new ClientSpec.Repeated(
                    name, device, cpu, api, capacity, load(client), of(recording, cpu))));
  }

  private static RecordedRequests of(JournalRecording recording, int client) {
    return client < recording.clients().size() ? recording.clients().get(client) : NOTHING;
  }

  private static LoadSpec load(Settings client) {
    int depth = ClientReader.depth(client);
    boolean closed = client.choice("rate", Map.of("closed", true, "recorded", false));
    return closed ? new LoadSpec.ClosedLoop(depth, 0) : new LoadSpec.AsRecorded(depth);
  }
}
