package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import dev.mapstorm.persistence.hocon.HoconException;
import dev.mapstorm.persistence.hocon.HoconFile;
import dev.mapstorm.persistence.hocon.HoconScan;
import dev.mapstorm.persistence.store.FileErrors;
import java.io.File;
import java.io.IOException;

/**
 * HOCON that the user of this process wrote or named: his scenario and profile files, and options.
 * It may include files and what comes with the program, and substitute variables of the
 * environment; their values appear in no message. What is no such text is {@link
 * dev.mapstorm.persistence.hocon.ClosedHocon}.
 *
 * <p>One is made for each scenario that is loaded: the limits hold for all its texts together. Not
 * thread-safe.
 */
final class UserHocon {
  private static final int FILES_MAX = 100;

  /** Resolving recurses from one to the next. */
  private static final int SUBSTITUTIONS_MAX = 200;

  /** What a value may become by substitutions, in characters. */
  private static final double GROWN_MAX = 1 << 28;

  private static final int VALUES_MAX = 500_000;
  private static final int DEPTH_MAX = 2 * HoconScan.DEPTH_MAX;

  private int files;
  private int substitutions;
  private double characters;
  private double growth = 1;

  /**
   * Parses a file.
   *
   * @throws ScenarioException if it cannot be read
   * @throws HoconException if it passes a limit
   * @throws ConfigException if it is no HOCON
   */
  Config file(File file) {
    if (++files > FILES_MAX) {
      throw new ScenarioException(
          "%s: a scenario is made from up to %d files; does one include itself?"
              .formatted(file, FILES_MAX));
    }
    try {
      String text = HoconFile.read(file.toPath());
      count(text, file.toString());
      // What has no length is not opened again: a file of /proc has none, and a content.
      return text.isEmpty()
          ? ConfigFactory.empty(file.toString())
          : ConfigFactory.parseFile(file, options());
    } catch (IOException e) {
      throw new ScenarioException("%s: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /**
   * Parses an option.
   *
   * @param origin what messages call it
   * @throws HoconException if it passes a limit
   * @throws ConfigException if it is no HOCON
   */
  Config option(String text, String origin) {
    count(text, origin);
    return ConfigFactory.parseString(text, options().setOriginDescription(origin));
  }

  /** Parses what comes with the program, which may include more of it. */
  Config resource(String path) {
    return ConfigFactory.parseResources(UserHocon.class.getClassLoader(), path, options());
  }

  private ConfigParseOptions options() {
    return ConfigParseOptions.defaults()
        .setSyntax(ConfigSyntax.CONF)
        .setAllowMissing(false)
        .setIncluder(new Includes(this));
  }

  private void count(String text, String origin) {
    HoconScan scan = HoconScan.of(text, origin);
    substitutions += scan.substitutions();
    characters += text.length();
    growth *= scan.growth();
  }

  /**
   * Fills substitutions in, from the configuration itself and from the environment.
   *
   * @throws ScenarioException if it would grow without bounds, or what is joined does not go
   *     together
   * @throws ConfigException.UnresolvedSubstitution if there is nothing to fill in
   */
  Config resolved(Config config) {
    if (config.isResolved()) {
      return config;
    }
    if (substitutions > SUBSTITUTIONS_MAX) {
      throw new ScenarioException(
          "a scenario has up to %d substitutions, this one has %d"
              .formatted(SUBSTITUTIONS_MAX, substitutions));
    }
    double environment = System.getenv().values().stream().mapToInt(String::length).sum();
    if ((characters + environment) * growth > GROWN_MAX) {
      throw new ScenarioException(
          "the scenario grows too much by values that have several substitutions each");
    }
    try {
      Config resolved = config.resolve();
      new Size().add(resolved.root(), 0);
      return resolved;
    } catch (ConfigException.UnresolvedSubstitution e) {
      throw e;
    } catch (ConfigException e) {
      // Its message quotes what was to be joined, which may be the environment's.
      throw new ScenarioException(
          "%s: texts, lists and sections cannot be joined with each other by substitutions"
              .formatted(e.origin() == null ? "the scenario" : ScenarioException.place(e.origin())),
          e);
    }
  }

  /** Whether a value, or part of it, comes from the environment. */
  static boolean isFromEnvironment(ConfigOrigin origin) {
    // What the library calls it, merged with other places or not; see the test.
    return origin.description().contains("env variables");
  }

  /** Values of a configuration: substitution can make lists of lists without bounds. */
  private static final class Size {
    private int values;

    void add(ConfigValue value, int depth) {
      if (++values > VALUES_MAX || depth > DEPTH_MAX) {
        throw new ScenarioException(
            "with its substitutions filled in the scenario has more than %s"
                .formatted(
                    depth > DEPTH_MAX
                        ? DEPTH_MAX + " values inside each other"
                        : VALUES_MAX + " values"));
      }
      if (value instanceof ConfigObject object) {
        // Not its values or entries: the library makes sets of these, and so hashes all below.
        object.keySet().forEach(key -> add(object.get(key), depth + 1));
      } else if (value instanceof ConfigList list) {
        list.forEach(each -> add(each, depth + 1));
      }
    }
  }
}
