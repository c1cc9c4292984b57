package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigParseable;
import java.io.File;

/**
 * Makes a missing included file an error; HOCON itself reads it as empty, so that a misspelt name
 * would silently run another scenario.
 */
final class Includes implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderClasspath {

  /** Options for reading a scenario or a profile. */
  static ConfigParseOptions options() {
    return ConfigParseOptions.defaults().setAllowMissing(false).setIncluder(new Includes());
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    ConfigParseable included = context.relativeTo(named(what));
    try {
      if (included != null) {
        return included.parse(options());
      }
    } catch (ConfigException.IO e) {
      throw new ScenarioException(missing(what), e);
    }
    throw new ScenarioException(missing(what));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return ConfigFactory.parseFile(what, options()).root();
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    Config config =
        ConfigFactory.parseResources(Includes.class.getClassLoader(), named(what), options());
    return config.root();
  }

  private static String missing(String what) {
    String builtIn =
        BuiltIn.SCENARIOS.contains(what)
            ? "; the built-in scenario is include classpath(\"scenarios/%s.conf\")".formatted(what)
            : "";
    return "include \"%s\": there is no such file%s".formatted(what, builtIn);
  }

  private static String named(String what) {
    return what.endsWith(".conf") ? what : what + ".conf";
  }
}
