package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.store.ReadProgress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Turns a scenario's name or file, with the options of one run over it, into a {@link Scenario}.
 *
 * <p>Layers, the later ones winning: {@code scenarios/reference.conf}, the scenario with its
 * includes, each {@code --set} in order. Every layer is checked for keys that do not exist, the
 * result for types and ranges. Not thread-safe; one loader loads one scenario.
 */
public final class ScenarioLoader {
  private static final long MAX_DURATION_NS = 86_400_000_000_000L;

  private final KnownKeys known = new KnownKeys(BuiltIn.reference().root());
  private final Map<String, Config> options = new LinkedHashMap<>();
  private final String version;
  private ReadProgress progress = ReadProgress.NONE;

  /**
   * A loader for this version of the program.
   *
   * @param version written into the resolved text, and compared with the one a scenario names
   */
  public ScenarioLoader(String version) {
    this.version = version;
  }

  /** Names of the scenarios that come with the program, each with its one line. */
  public static Map<String, String> builtIn() {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String name : BuiltIn.SCENARIOS) {
      lines.put(name, BuiltIn.scenario(name).getString("description"));
    }
    return lines;
  }

  /** Every key with its default, as a commented scenario file. */
  public static String documentation() {
    return BuiltIn.referenceText();
  }

  /**
   * Overrides a key.
   *
   * @param assignment {@code key=value}, the value as in a scenario file
   */
  public ScenarioLoader set(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new ScenarioException(
          "--set %s: must be key=value, such as iommu.mode=lazy".formatted(assignment));
    }
    return override("--set " + assignment, assignment);
  }

  /**
   * Overrides a key for an option of its own.
   *
   * @param option what messages call it, such as {@code --seed}
   */
  public ScenarioLoader set(String option, String key, String value) {
    return override(option + " " + value, key + "=" + value);
  }

  /**
   * Repeats the requests of a kernel trace.
   *
   * @param file ftrace, trace-cmd or perf text, plain or gzip
   */
  public ScenarioLoader trace(Path file) {
    String path = ConfigUtil.quoteString(file.toAbsolutePath().normalize().toString());
    return override("--trace " + file, "trace=" + path);
  }

  /**
   * Loads what a run of a kernel trace starts from, see {@link #trace}.
   *
   * @throws ScenarioException as {@link #load}
   */
  public Scenario loadTrace() {
    return load(BuiltIn.TRACE);
  }

  /**
   * Hears how far it is where the requests of a journal are read, which can take long.
   *
   * @param listener replaces the one before
   */
  public ScenarioLoader onReading(ReadProgress listener) {
    progress = listener;
    return this;
  }

  /**
   * Loads the scenario of an earlier run with the requests in its journal in place of what it asked
   * for itself.
   *
   * @param run its directory
   * @param closedLoop whether a client asks when one of its requests is done, instead of at the
   *     journaled instants
   * @throws ScenarioException as {@link #load}
   * @throws dev.mapstorm.persistence.store.StoreException if there is no such run, or it is under
   *     way
   */
  public Scenario loadAgain(Path run, boolean closedLoop) {
    RequestsJournal journal = RequestsJournal.open(run);
    return load(run.toString(), () -> journal.again(closedLoop));
  }

  /**
   * Loads a scenario.
   *
   * @param nameOrFile a built-in name or the path of a file
   * @throws ScenarioException with one sentence about what is wrong with it
   */
  public Scenario load(String nameOrFile) {
    return load(nameOrFile, () -> BuiltIn.scenario(nameOrFile));
  }

  /**
   * Loads a scenario from its text, such as a journal keeps it.
   *
   * @param origin what messages call it
   * @throws ScenarioException as {@link #load}
   */
  public Scenario loadText(String text, String origin) {
    ConfigParseOptions parsing = ConfigParseOptions.defaults().setOriginDescription(origin);
    return load(origin, () -> ConfigFactory.parseString(text, parsing));
  }

  private Scenario load(String origin, Supplier<Config> scenario) {
    try {
      Config given = given(scenario.get());
      Config config = given.withFallback(BuiltIn.reference()).resolve();
      return new Reading(origin, given, config).scenario();
    } catch (ConfigException e) {
      throw new ScenarioException(oneLine(e), e);
    }
  }

  private ScenarioLoader override(String origin, String assignment) {
    ConfigParseOptions parsing = ConfigParseOptions.defaults().setOriginDescription(origin);
    try {
      Config config = ConfigFactory.parseString(assignment, parsing);
      known.check(config.root());
      options.put(origin + options.size(), config);
    } catch (ConfigException e) {
      throw new ScenarioException("%s: is not HOCON: %s".formatted(origin, oneLine(e)), e);
    }
    return this;
  }

  private Config given(Config scenario) {
    Config config = scenario;
    known.check(config.root());
    for (Config option : options.values()) {
      config = option.withFallback(config);
    }
    return config;
  }

  private static String oneLine(ConfigException e) {
    return e.getMessage().replaceAll("\\s*\\R\\s*", " ");
  }

  /** One resolved configuration being read. */
  private final class Reading {
    private final String nameOrFile;
    private final Config given;
    private final Config config;
    private final Settings settings;
    private final List<String> notes = new ArrayList<>();

    Reading(String nameOrFile, Config given, Config config) {
      this.nameOrFile = nameOrFile;
      this.given = given;
      this.config = config;
      this.settings = Settings.of(config);
    }

    Scenario scenario() {
      String name = name();
      PlatformProfile platform = platform();
      long seed = settings.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
      noteVersion();
      Clients clients = clients();
      long duration = duration(clients);
      List<HostSpec> hosts = new MachineReader(settings, platform, duration, clients).hosts(seed);
      String text = resolved(name, platform, clients);
      String description = settings.text("description");
      boolean indexed = settings.section("journal").flag("index");
      return new Scenario(name, description, text, seed, duration, platform, hosts, indexed, notes);
    }

    private String name() {
      String name = settings.text("name");
      if (name.equals("auto")) {
        name = nameOrFile.replaceFirst(".*[/\\\\]", "").replaceFirst("\\.conf$", "");
      }
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw settings.wrong("name", "\"" + name + "\" must be letters, digits, dots and dashes");
      }
      return name;
    }

    private Clients clients() {
      if (!settings.is("requests", "none")) {
        return journaled();
      }
      if (!settings.is("requests-hash", "none")) {
        throw settings.wrong("requests-hash", "has no meaning without requests");
      }
      if (!settings.is("trace", "none")) {
        SaidBy.TRACE.check(given);
        TracedClients traced = TracedClients.read(settings);
        notes.addAll(traced.notes());
        return traced;
      }
      if (!settings.list("trace-devices").isEmpty()) {
        throw settings.wrong("trace-devices", "has no meaning without a trace");
      }
      return new SyntheticClients(settings);
    }

    private JournaledClients journaled() {
      long end = settings.is("duration", "auto") ? MAX_DURATION_NS : duration();
      JournaledClients journaled = JournaledClients.read(settings, given, end, progress);
      notes.addAll(journaled.notes());
      return journaled;
    }

    private long duration(Clients clients) {
      if (settings.is("duration", "auto")) {
        return clients
            .spanNs()
            .orElseThrow(
                () ->
                    settings.wrong(
                        "duration",
                        "can be auto for a trace or journaled requests only; say how long"));
      }
      return duration();
    }

    private long duration() {
      return settings.quantity("duration", Quantity.TIME, 1, MAX_DURATION_NS);
    }

    private PlatformProfile platform() {
      ConfigObject profile =
          settings.isObject("platform")
              ? settings.object("platform")
              : BuiltIn.platform(settings.text("platform")).resolve().root();
      return PlatformProfile.read(
          profile, Map.of("costs", settings.object("costs"), "unit", settings.object("unit")));
    }

    private void noteVersion() {
      String made = settings.text("version");
      if (!made.equals("none") && !made.equals(version)) {
        notes.add(
            "%s was written by mapstorm %s, this is %s: the run may differ"
                .formatted(nameOrFile, made, version));
      }
    }

    private String resolved(String name, PlatformProfile platform, Clients clients) {
      ConfigObject root =
          config
              .root()
              .withValue("name", ConfigValueFactory.fromAnyRef(name))
              .withValue("platform", platform.toConfig())
              .withValue("costs", ConfigValueFactory.fromMap(Map.of()))
              .withValue("unit", ConfigValueFactory.fromMap(Map.of()))
              .withValue("version", ConfigValueFactory.fromAnyRef(version));
      if (clients instanceof TracedClients) {
        root = recorded(SaidBy.TRACE.without(root.toConfig()).root(), clients);
      } else if (clients instanceof JournaledClients journaled) {
        root = journaled(journaled.saidBy().without(root.toConfig()).root(), journaled);
      }
      return root.render(
          ConfigRenderOptions.defaults()
              .setJson(false)
              .setOriginComments(false)
              .setComments(false));
    }

    /** What the trace said of the machine is written down, so that its journal can be repeated. */
    private ConfigObject recorded(ConfigObject root, Clients clients) {
      ConfigObject machine =
          root.withValue("trace-devices", ConfigValueFactory.fromIterable(clients.devices()));
      return settings.is("cpus", "auto")
          ? machine.withValue("cpus", ConfigValueFactory.fromAnyRef(clients.cpus()))
          : machine;
    }

    private ConfigObject journaled(ConfigObject root, JournaledClients clients) {
      RequestsJournal journal = clients.journal();
      return root.withValue("requests", ConfigValueFactory.fromAnyRef(journal.run().toString()))
          .withValue("requests-hash", ConfigValueFactory.fromAnyRef(journal.end().hash()));
    }
  }
}
