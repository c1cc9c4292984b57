package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
   * Loads a scenario.
   *
   * @param nameOrFile a built-in name or the path of a file
   * @throws ScenarioException with one sentence about what is wrong with it
   */
  public Scenario load(String nameOrFile) {
    try {
      Config config = layered(nameOrFile);
      return new Reading(nameOrFile, config).scenario();
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

  private Config layered(String nameOrFile) {
    Config config = BuiltIn.scenario(nameOrFile);
    known.check(config.root());
    for (Config option : options.values()) {
      config = option.withFallback(config);
    }
    return config.withFallback(BuiltIn.reference()).resolve();
  }

  private static String oneLine(ConfigException e) {
    return e.getMessage().replaceAll("\\s*\\R\\s*", " ");
  }

  /** One resolved configuration being read. */
  private final class Reading {
    private final String nameOrFile;
    private final Config config;
    private final Settings settings;
    private final List<String> notes = new ArrayList<>();

    Reading(String nameOrFile, Config config) {
      this.nameOrFile = nameOrFile;
      this.config = config;
      this.settings = Settings.of(config);
    }

    Scenario scenario() {
      String name = name();
      PlatformProfile platform = platform();
      long seed = settings.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
      long duration = settings.quantity("duration", Quantity.TIME, 1, MAX_DURATION_NS);
      noteVersion();
      List<HostSpec> hosts = new MachineReader(settings, platform, duration).hosts(seed);
      String text = resolved(name, platform);
      String description = settings.text("description");
      return new Scenario(name, description, text, seed, duration, platform, hosts, notes);
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

    private String resolved(String name, PlatformProfile platform) {
      ConfigObject root =
          config
              .root()
              .withValue("name", ConfigValueFactory.fromAnyRef(name))
              .withValue("platform", platform.toConfig())
              .withValue("costs", ConfigValueFactory.fromMap(Map.of()))
              .withValue("unit", ConfigValueFactory.fromMap(Map.of()))
              .withValue("version", ConfigValueFactory.fromAnyRef(version));
      return root.render(
          ConfigRenderOptions.defaults()
              .setJson(false)
              .setOriginComments(false)
              .setComments(false));
    }
  }
}
