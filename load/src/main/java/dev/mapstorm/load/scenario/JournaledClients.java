package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Clients of one kind of machine that ask for what the journal of an earlier run says, on each host
 * for what that host was asked.
 */
final class JournaledClients implements Clients {
  private static final RecordedRequests NOTHING = new RecordedRequestsBuilder().build();

  private final Settings settings;
  private final RequestsJournal journal;
  private final boolean recorded;
  private final List<String> devices;
  private final Map<Integer, List<ClientSpec>> specs = new HashMap<>();
  private long lastNs;

  /**
   * Clients without requests.
   *
   * @param settings of the machine
   * @param journal whose requests they will repeat
   * @param recorded whether these are those of a kernel trace
   */
  JournaledClients(Settings settings, RequestsJournal journal, boolean recorded) {
    this.settings = settings;
    this.journal = journal;
    this.recorded = recorded;
    devices = recorded ? TracedClients.devices(settings) : SyntheticClients.devices(settings);
  }

  /** Who says what they ask. */
  RequestOrigin saidBy() {
    return recorded ? RequestOrigin.JOURNALED_TRACE : RequestOrigin.JOURNAL;
  }

  /** Where the requests come from. */
  RequestsJournal journal() {
    return journal;
  }

  /** Refuses a machine that has not as many clients as asked on a host of the journal. */
  void checkCount(int clients) {
    int given = recorded ? devices.size() : SyntheticClients.count(settings);
    if (given != clients) {
      throw settings.wrong(
          recorded ? "trace-devices" : "clients",
          "must give %d, as many as asked in %s".formatted(clients, journal.run()));
    }
  }

  /** Refuses clients that cannot be, whatever they ask. */
  void check() {
    specs(new JournalRecording(List.of(), 0, 0, 0));
  }

  /** Takes what a host was asked. */
  void add(int host, JournalRecording recording) {
    lastNs = Math.max(lastNs, recording.lastNs());
    specs.put(host, List.copyOf(specs(recording)));
  }

  @Override
  public List<ClientSpec> specs(int host) {
    return specs.get(host);
  }

  @Override
  public List<String> devices() {
    return devices;
  }

  /** Requests with addresses of their own are not asked again. */
  @Override
  public BitSet unmanagedDevices() {
    return new BitSet();
  }

  @Override
  public int cpus() {
    return specs.values().stream().mapToInt(this::cpus).max().orElse(1);
  }

  private int cpus(List<ClientSpec> clients) {
    int cpus = 1;
    for (ClientSpec client : clients) {
      if (client instanceof ClientSpec.Queue queue) {
        cpus = Math.max(cpus, Math.max(queue.cpu(), queue.completionCpu()) + 1);
        continue;
      }
      for (short cpu : ((ClientSpec.Recorded) client).requests().cpu()) {
        cpus = Math.max(cpus, cpu + 1);
      }
    }
    return cpus;
  }

  @Override
  public OptionalLong spanNs() {
    return OptionalLong.of(lastNs + TracedClients.TAIL_NS);
  }

  private List<ClientSpec> specs(JournalRecording recording) {
    return recorded ? recorded(recording) : repeated(recording);
  }

  private List<ClientSpec> recorded(JournalRecording recording) {
    Settings client = settings.section("client");
    MapApi api = TracedClients.api(client);
    BatchSize batch = ClientReader.batch(client);
    List<ClientSpec> clients = new ArrayList<>();
    for (String device : devices) {
      int number = clients.size();
      clients.add(new ClientSpec.Recorded(device, number, of(recording, number), api, batch));
    }
    return clients;
  }

  private List<ClientSpec> repeated(JournalRecording recording) {
    return SyntheticClients.read(
        settings,
        new ClientReader<ClientSpec>(
            devices.size(),
            (client, name, device, cpus, api, batch) ->
                new ClientSpec.Repeated(
                    name,
                    device,
                    cpus.submits(),
                    cpus.completes(),
                    ofDmaApi(client, api),
                    batch,
                    load(client),
                    of(recording, cpus.client()),
                    BlockReader.read(client, api, of(recording, cpus.client())),
                    RegionReader.read(client, api))));
  }

  private static MapApi ofDmaApi(Settings client, MapApi api) {
    if (api == MapApi.IOMMU) {
      throw client.wrong(
          "api", "can be no iommu for requests of a journal, which have no addresses");
    }
    return api;
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
