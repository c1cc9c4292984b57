package dev.mapstorm.persistence.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import dev.mapstorm.persistence.hocon.ClosedHocon;
import dev.mapstorm.persistence.hocon.HoconException;
import dev.mapstorm.protocol.event.StreamId;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a {@code journal.conf} says that a run's journal is. Anybody may have written the file, so
 * its URL never reaches a driver: only the parts that are kept here count, and {@link
 * NamedDatabases} decides whether there is a connection to them.
 *
 * @param place host, port and name of the database
 * @param schema that the tables are in; empty for the server's default
 * @param run its id there
 */
record RunDatabase(DatabasePlace place, Optional<String> schema, String run) {
  /** A comma-separated list, as {@code search_path} takes it. */
  private static final Pattern SCHEMA = Pattern.compile("[A-Za-z0-9_$\" ,-]{1,200}");

  private static final Pattern SCHEMA_OF_URL = Pattern.compile("[?&]currentSchema=([^&]*)");

  /**
   * Reads a {@code journal.conf}.
   *
   * @throws StoreException if it is none or cannot be read
   */
  static RunDatabase read(Path file) {
    try {
      Config conf = ClosedHocon.read(file).getConfig("journal");
      String url = conf.getString("url");
      return new RunDatabase(
          DatabasePlace.of(url)
              .orElseThrow(
                  () -> new StoreException("journal.url has to be " + DatabaseAddress.SHAPE)),
          schema(url),
          new StreamId(conf.getString("run"), 0).run());
    } catch (HoconException e) {
      throw new StoreException("%s is wrong: %s".formatted(file, e.getMessage()), e);
    } catch (ConfigException | IllegalArgumentException | StoreException e) {
      throw new StoreException(
          "%s is wrong: %s".formatted(file, HoconException.shown(e.getMessage(), 200)), e);
    } catch (IOException e) {
      throw new StoreException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /** What a {@code journal.conf} says of a run in this database: no secrets. */
  static String text(DatabaseAddress address, String run) {
    return """
        # Every event of this run is in a database. It is read where %s or --db names the same
        # host, port and database; user and password for it are taken from %s and %s.
        journal {
          url = %s
          run = %s
        }
        """
        .formatted(
            DatabaseAddress.URL_VARIABLE,
            DatabaseAddress.USER_VARIABLE,
            DatabaseAddress.PASSWORD_VARIABLE,
            ConfigUtil.quoteString(address.url()),
            ConfigUtil.quoteString(run));
  }

  /** The schema of a URL. */
  static Optional<String> schema(String url) {
    Matcher found = SCHEMA_OF_URL.matcher(url);
    if (!found.find()) {
      return Optional.empty();
    }
    String schema = URLDecoder.decode(found.group(1), StandardCharsets.UTF_8);
    if (!SCHEMA.matcher(schema).matches()) {
      throw new StoreException("currentSchema in the database's URL has to be a name");
    }
    return Optional.of(schema);
  }

  /** The database and the run, for messages. */
  @Override
  public String toString() {
    return place + schema.map(name -> "?currentSchema=" + name).orElse("");
  }
}
