package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.persistence.hocon.HoconException;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.ReadProgress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Turns a scenario's name or file, with the options of one run over it, into a {@link Scenario}.
 *
 * <p>Layers, the later ones winning: {@code scenarios/reference.conf}, the scenario with its
 * includes, each {@code --set} in order; with a {@code mix} see {@link Mix}. Every layer is checked
 * for keys that do not exist, the result for types and ranges. Not thread-safe; one loader loads
 * one scenario.
 */
public final class ScenarioLoader {
  private final UserHocon own = new UserHocon();
  private final KnownKeys known = new KnownKeys(BuiltIn.reference().root());
  private final Map<String, Config> options = new LinkedHashMap<>();
  private final String version;
  private NamedDatabases databases = NamedDatabases.ofEnvironment();
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
      lines.put(name, BuiltIn.scenario(name, new UserHocon()).getString("description"));
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
    if (assignment.substring(0, equals).strip().equals("version")) {
      throw new ScenarioException(
          "--set %s: version says which mapstorm wrote a file, and is not set"
              .formatted(assignment));
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

  /** Gives mappings of the trace the addresses that they have there. */
  public ScenarioLoader keepIovas() {
    return override("--keep-iovas", "keep-iovas=true");
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
   * Hears how far it is where the requests of a trace or a journal are read, which can take long.
   *
   * @param listener replaces the one before
   */
  public ScenarioLoader onReading(ReadProgress listener) {
    progress = listener;
    return this;
  }

  /**
   * Takes requests of earlier runs of clusters from these databases only.
   *
   * @param named by default that of the environment
   */
  public ScenarioLoader from(NamedDatabases named) {
    databases = named;
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
    RequestsJournal journal = RequestsJournal.open(run, databases);
    return load(run.toString(), () -> journal.again(closedLoop), RequestFiles.READ);
  }

  /**
   * Loads a scenario of the user's.
   *
   * @param nameOrFile a built-in name or the path of a file
   * @throws ScenarioException with one sentence about what is wrong with it
   */
  public Scenario load(String nameOrFile) {
    return load(nameOrFile, () -> BuiltIn.scenario(nameOrFile, own), RequestFiles.READ);
  }

  /**
   * Loads a scenario of the user's that a cluster is to run, whose nodes read no files.
   *
   * @throws ScenarioException as {@link #load}, and if its requests are in a file
   */
  public Scenario loadForCluster(String nameOrFile) {
    return load(nameOrFile, () -> BuiltIn.scenario(nameOrFile, own), RequestFiles.REFUSED);
  }

  /**
   * Loads a scenario that came over a port, which says all that it means and names no files.
   *
   * @param text resolved
   * @param origin what messages call it
   * @throws ScenarioException as {@link #load}; it quotes nothing but the text itself
   */
  public Scenario loadSubmitted(String text, String origin) {
    return load(origin, () -> ClosedScenario.of(text, origin), RequestFiles.REFUSED);
  }

  /**
   * Loads the scenario that a journal keeps.
   *
   * @param text resolved
   * @param origin what messages call it
   * @throws ScenarioException as {@link #load}; it quotes no file that the text names
   */
  public Scenario loadJournaled(String text, String origin) {
    return load(origin, () -> ClosedScenario.of(text, origin), RequestFiles.READ_UNQUOTED);
  }

  /**
   * Loads the scenario of a run directory.
   *
   * @param file its {@code scenario.conf}
   * @throws ScenarioException as {@link #loadJournaled}
   */
  public Scenario loadOfRun(Path file) {
    return load(file.toString(), () -> ClosedScenario.of(file), RequestFiles.READ_UNQUOTED);
  }

  private Scenario load(String origin, Supplier<Config> scenario, RequestFiles files) {
    try {
      Config written = scenario.get();
      known.check(written.root());
      Config given = allOptions().withFallback(written);
      Config config = own.resolved(given.withFallback(BuiltIn.reference()));
      if (files == RequestFiles.REFUSED) {
        ClosedScenario.checkNoRecordedRequests(config);
      }
      Mix mix = Mix.read(given, allOptions(), config, known, own);
      return new ScenarioReading(origin, version, config, mix, own)
          .scenario(files, databases, progress);
    } catch (HoconException e) {
      throw new ScenarioException(e.getMessage(), e);
    } catch (ConfigException e) {
      throw new ScenarioException(Causes.oneLine(e.getMessage()), e);
    }
  }

  private ScenarioLoader override(String origin, String assignment) {
    try {
      Config config = own.option(wholeKey(assignment), origin);
      known.check(config.root());
      options.put(origin + options.size(), config);
    } catch (HoconException e) {
      throw new ScenarioException(e.getMessage(), e);
    } catch (ConfigException e) {
      throw new ScenarioException(
          "%s: is not HOCON: %s".formatted(origin, Causes.oneLine(e.getMessage())), e);
    }
    return this;
  }

  /**
   * The assignment with its key whole, if only the end of it was given, from a section on: {@code
   * batch.vectors} is {@code client.batch.vectors}. A last name alone is not enough, since {@code
   * mode} may be that of anything one day.
   */
  private String wholeKey(String assignment) {
    int equals = assignment.indexOf('=');
    String key = equals < 0 ? "" : assignment.substring(0, equals).strip();
    if (key.indexOf('.') < 0 || known.paths().contains(key)) {
      return assignment;
    }
    List<String> whole = known.paths().stream().filter(path -> path.endsWith("." + key)).toList();
    return whole.size() == 1 ? whole.get(0) + assignment.substring(equals) : assignment;
  }

  /** The later ones over the earlier. */
  private Config allOptions() {
    Config all = ConfigFactory.empty();
    for (Config option : options.values()) {
      all = option.withFallback(all);
    }
    return all;
  }
}
