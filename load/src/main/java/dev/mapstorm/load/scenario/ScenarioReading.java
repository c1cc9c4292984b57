package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.ReadProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** One configuration being read into a scenario. Not thread-safe; once only. */
final class ScenarioReading {
  private static final long MAX_DURATION_NS = 86_400_000_000_000L;

  private final String nameOrFile;
  private final String version;
  private final Config config;
  private final Settings settings;
  private final Mix mix;
  private final UserHocon texts;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param nameOrFile where it comes from
   * @param version of the program
   * @param config resolved, complete
   * @param mix its kinds of machines
   * @param texts that files of platforms count among
   */
  ScenarioReading(String nameOrFile, String version, Config config, Mix mix, UserHocon texts) {
    this.nameOrFile = nameOrFile;
    this.version = version;
    this.config = config;
    this.mix = mix;
    this.texts = texts;
    settings = Settings.of(config);
  }

  /**
   * Reads it.
   *
   * @param files what becomes of files that its requests are in
   * @param databases that earlier runs may have their journals in
   * @param progress hears how far it is where requests of a trace or a journal are read
   */
  Scenario scenario(RequestFiles files, NamedDatabases databases, ReadProgress progress) {
    String name =
        ScenarioName.checked(
            settings,
            settings.is("name", "auto") ? ScenarioName.ofFile(nameOrFile) : settings.text("name"));
    long seed = settings.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    int hosts = settings.count("hosts", 1, MachineReader.MAX_HOSTS);
    noteVersion();
    List<PlatformProfile> platforms =
        mix.elements().stream().map(each -> MachineKind.platform(each.settings(), texts)).toList();
    List<? extends Clients> clients = clients(files, databases, progress);
    List<MachineKind> kinds = new ArrayList<>();
    for (int i = 0; i < platforms.size(); i++) {
      kinds.add(new MachineKind(mix.elements().get(i), platforms.get(i), clients.get(i)));
    }
    long duration = duration(clients);
    return new Scenario(
        name,
        settings.text("description"),
        new ResolvedText(config, mix).of(name, version, kinds),
        seed,
        duration,
        hosts(hosts, kinds, seed, duration),
        thresholds(settings),
        settings.section("journal").flag("index"),
        notes);
  }

  /** What figures of the run have to keep. */
  static List<Threshold> thresholds(Settings settings) {
    return settings.list("thresholds").stream()
        .map(value -> threshold(settings, value.unwrapped()))
        .toList();
  }

  private static Threshold threshold(Settings settings, Object value) {
    Threshold threshold;
    try {
      threshold = Threshold.parse(String.valueOf(value));
    } catch (IllegalArgumentException e) {
      throw settings.wrong("thresholds", e.getMessage());
    }
    if (threshold.relative()) {
      throw settings.wrong(
          "thresholds",
          "%s: a change needs a run to compare with: give it to mapstorm compare --threshold"
              .formatted(threshold.text()));
    }
    return threshold;
  }

  private List<HostSpec> hosts(int count, List<MachineKind> kinds, long seed, long durationNs) {
    List<MachineReader> machines =
        kinds.stream()
            .map(kind -> new MachineReader(kind, settings.section("journal"), durationNs))
            .toList();
    List<HostSpec> hosts = new ArrayList<>(count);
    for (int host = 0; host < count; host++) {
      hosts.add(machines.get(mix.elementOf(host)).host(host, seed));
    }
    return hosts;
  }

  /** Those of each kind of machine. */
  private List<? extends Clients> clients(
      RequestFiles files, NamedDatabases databases, ReadProgress progress) {
    if (!settings.is("requests", "none")) {
      long end = settings.is("duration", "auto") ? MAX_DURATION_NS : duration();
      JournaledRequests journaled = JournaledRequests.open(settings, mix, databases);
      List<JournaledClients> clients = journaled.read(end, progress);
      notes.addAll(journaled.notes());
      return clients;
    }
    if (!settings.is("requests-hash", "none")) {
      throw settings.wrong("requests-hash", "has no meaning without requests");
    }
    if (!settings.is("trace", "none")) {
      return List.of(traced(files, progress));
    }
    if (settings.flag("keep-iovas")) {
      throw settings.wrong("keep-iovas", "has no meaning without a trace");
    }
    if (!settings.list("trace-devices").isEmpty()) {
      throw settings.wrong("trace-devices", "has no meaning without a trace");
    }
    return mix.elements().stream().map(each -> new SyntheticClients(each.settings())).toList();
  }

  private TracedClients traced(RequestFiles files, ReadProgress progress) {
    if (mix.isMixed()) {
      throw settings.wrong("mix", "has no meaning with a trace, which is that of one machine");
    }
    RequestOrigin.TRACE.check(mix.elements().get(0).given());
    TracedClients traced = TracedClients.read(settings, files, progress);
    notes.addAll(traced.notes());
    return traced;
  }

  private long duration(List<? extends Clients> clients) {
    if (!settings.is("duration", "auto")) {
      return duration();
    }
    long longest = -1;
    for (Clients each : clients) {
      OptionalLong span = each.spanNs();
      if (span.isEmpty()) {
        throw settings.wrong(
            "duration", "can be auto for a trace or journaled requests only; say how long");
      }
      longest = Math.max(longest, span.getAsLong());
    }
    return longest;
  }

  private long duration() {
    return settings.quantity("duration", Quantity.TIME, 1, MAX_DURATION_NS);
  }

  private void noteVersion() {
    String made = settings.text("version");
    if (!made.equals("none") && !made.equals(version)) {
      notes.add(
          "%s was written by mapstorm %s, this is %s: the run may differ"
              .formatted(
                  nameOrFile,
                  settings.isFromEnvironment("version") ? "of another version" : made,
                  version));
    }
  }
}
