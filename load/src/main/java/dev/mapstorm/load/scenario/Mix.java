package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The kinds of machines of a scenario: the elements of its {@code mix}, or one if it has none.
 *
 * <p>An element's keys are laid over those of the scenario that it names, these over those that
 * stand beside {@code mix}, and the options of the command line over all, as they are without a
 * mix. Of the scenario that an element names only what concerns a machine counts.
 */
final class Mix {
  private static final String KEY = "mix";
  private static final int MAX_ELEMENTS = 100;
  private static final int MAX_SHARE = 1000;

  /** What a scenario cannot bring into an element. */
  private static final List<String> NOT_BROUGHT =
      List.of(KEY, "trace", "requests", "trace-devices");

  private final List<MixElement> elements;
  private final boolean mixed;
  private final Shares shares;

  private Mix(List<MixElement> elements, boolean mixed) {
    this.elements = List.copyOf(elements);
    this.mixed = mixed;
    shares = Shares.of(elements.stream().map(MixElement::share).toList());
  }

  /**
   * Reads the mix of a scenario.
   *
   * @param given what scenario and options say themselves, without defaults
   * @param options what the options say alone
   * @param config resolved, complete
   * @param known checks the scenarios that elements name
   * @param texts that these count among
   */
  static Mix read(Config given, Config options, Config config, KnownKeys known, UserHocon texts) {
    Settings settings = Settings.of(config);
    if (!config.hasPath(KEY) || settings.list(KEY).isEmpty()) {
      return new Mix(List.of(new MixElement("", 1, "", given, config)), false);
    }
    ConfigList list = settings.list(KEY);
    if (list.size() > MAX_ELEMENTS) {
      throw settings.wrong(
          KEY, "must have at most %d elements, has %d".formatted(MAX_ELEMENTS, list.size()));
    }
    List<MixElement> elements = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String path = KEY + "[" + i + "]";
      ConfigObject element = (ConfigObject) list.get(i);
      Config named =
          element.containsKey("scenario")
              ? scenario(Settings.named(element, path), known, texts)
              : ConfigFactory.empty();
      elements.add(element(path, element, named, given, options, config, texts));
    }
    checkNames(elements, list);
    return new Mix(elements, true);
  }

  /** The mix of a resolved text, whose elements name no scenarios. */
  static Mix ofResolved(Config config) {
    KnownKeys known = new KnownKeys(BuiltIn.reference().root());
    return read(config, ConfigFactory.empty(), config, known, new UserHocon());
  }

  private static MixElement element(
      String path,
      ConfigObject element,
      Config named,
      Config given,
      Config options,
      Config config,
      UserHocon texts) {
    Settings own = Settings.named(element, path);
    int share = element.containsKey("share") ? own.count("share", 1, MAX_SHARE) : 1;
    Config over = ofMachine(options).withFallback(ofMachine(element.toConfig()));
    Config overNamed = over.withFallback(ofMachine(named));
    return new MixElement(
        name(own, element, path),
        share,
        path,
        overNamed.withFallback(ofMachine(given)),
        texts.resolved(overNamed.withFallback(ofMachine(config))));
  }

  private static Config scenario(Settings element, KnownKeys known, UserHocon texts) {
    String name = element.text("scenario");
    Config scenario;
    try {
      scenario = BuiltIn.scenario(name, texts);
    } catch (ScenarioException e) {
      throw element.wrong("scenario", e.getMessage());
    }
    known.check(scenario.root());
    for (String key : NOT_BROUGHT) {
      ConfigValue value = scenario.root().get(key);
      if (value != null
          && !value.unwrapped().equals("none")
          && !(value instanceof ConfigList list && list.isEmpty())) {
        throw element.wrong(
            "scenario", "%s sets %s, which belongs to the whole run".formatted(name, key));
      }
    }
    return scenario;
  }

  private static String name(Settings settings, ConfigObject element, String path) {
    if (element.containsKey("name")) {
      return ScenarioName.checked(settings, settings.text("name"));
    }
    return element.containsKey("scenario")
        ? ScenarioName.ofFile(settings.text("scenario"))
        : path.replace("mix[", "machine-").replace("]", "");
  }

  private static void checkNames(List<MixElement> elements, ConfigList list) {
    Map<String, String> paths = new HashMap<>();
    for (int i = 0; i < elements.size(); i++) {
      MixElement element = elements.get(i);
      String other = paths.put(element.name(), element.path());
      if (other != null) {
        throw ScenarioException.at(
            list.get(i).origin(),
            element.path() + ".name",
            "\"%s\" is %s too; give it a name of its own".formatted(element.name(), other));
      }
    }
  }

  /** The keys that concern a machine. */
  private static Config ofMachine(Config config) {
    ConfigObject root = config.root();
    for (String key : config.root().keySet()) {
      if (!KnownKeys.OF_MACHINE.contains(key)) {
        root = root.withoutKey(key);
      }
    }
    return root.toConfig();
  }

  /** Whether the scenario has a mix, be it one of a single element. */
  boolean isMixed() {
    return mixed;
  }

  /** The kinds of machines; one if there is no mix. */
  List<MixElement> elements() {
    return elements;
  }

  /** The number of the element that a host is of. */
  int elementOf(int host) {
    return shares.elementOf(host);
  }

  /** A scenario whose elements are changed one by one; itself if it has none. */
  static Config mapped(Config scenario, UnaryOperator<Config> change) {
    if (!scenario.hasPath(KEY)) {
      return scenario;
    }
    List<ConfigObject> changed = new ArrayList<>();
    for (ConfigValue element : scenario.getList(KEY)) {
      changed.add(change.apply(((ConfigObject) element).toConfig()).root());
    }
    return scenario.withValue(KEY, ConfigValueFactory.fromIterable(changed));
  }

  /**
   * A scenario with the elements of its mix resolved, and nothing about machines beside them.
   *
   * @param root of the scenario
   * @param machines what each element is, resolved
   */
  ConfigObject resolved(ConfigObject root, List<ConfigObject> machines) {
    ConfigObject rest = root;
    for (String key : KnownKeys.OF_MACHINE) {
      rest = rest.withoutKey(key);
    }
    List<ConfigObject> list = new ArrayList<>();
    for (int i = 0; i < machines.size(); i++) {
      MixElement element = elements.get(i);
      list.add(
          ofMachine(machines.get(i).toConfig())
              .root()
              .withValue("name", ConfigValueFactory.fromAnyRef(element.name()))
              .withValue("share", ConfigValueFactory.fromAnyRef(element.share())));
    }
    return rest.withValue(KEY, ConfigValueFactory.fromIterable(list));
  }
}
