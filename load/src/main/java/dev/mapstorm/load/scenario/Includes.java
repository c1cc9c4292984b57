package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.net.URL;

/**
 * What a user's file includes: files, and what comes with the program. A missing one is an error;
 * HOCON itself reads it as empty, so that a misspelt name would silently run another scenario.
 *
 * @param texts that the included file counts among
 */
record Includes(UserHocon texts)
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    ConfigParseable included = context.relativeTo(named(what));
    if (included == null) {
      throw new ScenarioException(missing(what));
    }
    String file = included.origin().filename();
    return file == null
        ? resource(included.origin().resource(), missing(what))
        : includeFile(context, new File(file));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return texts.file(what).root();
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw new ScenarioException(
        "include url(\"%s\"): a scenario includes files, and nothing over a network"
            .formatted(what));
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    return resource(
        named(what),
        "include classpath(\"%s\"): nothing of that name comes with the program".formatted(what));
  }

  private ConfigObject resource(String path, String missing) {
    try {
      return texts.resource(path).root();
    } catch (ConfigException.IO e) {
      throw new ScenarioException(missing, e);
    }
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
