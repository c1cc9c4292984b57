package dev.mapstorm.persistence.hocon;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * HOCON text of somebody else: what comes over a port, out of a journal, or from a run directory.
 * Such text is closed: it says all that it means. A substitution would be filled from the
 * environment and the files of whoever reads it, an include would make him open a file or a
 * connection; the writer had to resolve both. What is open is refused, by line and key.
 */
public final class ClosedHocon {
  private static final String REFUSED =
      "; text that is not this machine's user's own has no substitutions and no includes: whoever sends it resolves them";

  private ClosedHocon() {}

  /**
   * Parses a text.
   *
   * @param origin what messages call it
   * @return resolved
   * @throws HoconException if it passes a limit, is open or no HOCON
   */
  public static Config parse(String text, String origin) {
    HoconScan.of(text, origin)
        .open()
        .ifPresent(
            open -> {
              throw new HoconException(open + REFUSED);
            });
    ConfigParseOptions options =
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setIncluder(new NoIncludes(origin))
            .setOriginDescription(HoconException.shown(origin, HoconScan.KEY_MAX));
    try {
      Config config = ConfigFactory.parseString(text, options);
      if (!config.isResolved()) {
        throw new HoconException(origin + ": has a substitution" + REFUSED);
      }
      return config;
    } catch (ConfigException e) {
      throw HoconException.of(e);
    }
  }

  /**
   * Parses a file, which must not be a link: a stranger's directory could lead anywhere by one, and
   * a parser quotes what it does not understand.
   *
   * @throws HoconException as {@link #parse}, and if it is no regular file
   * @throws IOException if it cannot be read
   */
  public static Config read(Path file) throws IOException {
    return parse(HoconFile.read(file, LinkOption.NOFOLLOW_LINKS), file.toString());
  }

  /** The scan has found includes already; a parser that sees one all the same gets none. */
  private record NoIncludes(String origin)
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      throw new HoconException(origin + ": has an include" + REFUSED);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return include(context, "");
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      return include(context, "");
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      return include(context, "");
    }
  }
}
