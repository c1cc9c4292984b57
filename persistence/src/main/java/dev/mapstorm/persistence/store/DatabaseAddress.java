package dev.mapstorm.persistence.store;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where a shared database is and who asks. The URL holds no secret, so it may be shown, stored and
 * sent to other nodes; user and password come from the environment of each process and appear in no
 * text. Thread-safe.
 */
public final class DatabaseAddress {
  /** Environment: the URL where no option names one. */
  public static final String URL_VARIABLE = "MAPSTORM_DB_URL";

  /** Environment: the user; without it the URL's, or that of the operating system. */
  public static final String USER_VARIABLE = "MAPSTORM_DB_USER";

  /**
   * Environment: the password; without it that of the driver's password file ({@code ~/.pgpass},
   * {@code PGPASSFILE}), if it has one for the server.
   */
  public static final String PASSWORD_VARIABLE = "MAPSTORM_DB_PASSWORD";

  private static final String PREFIX = "jdbc:postgresql://";

  /** What a URL has to look like. */
  static final String SHAPE = PREFIX + "HOST:PORT/NAME";

  /** A user's part before the host, or any parameter that is called a password. */
  private static final Pattern SECRET =
      Pattern.compile("//[^/?]*@|[?&][^=&]*password[^=&]*=", Pattern.CASE_INSENSITIVE);

  /** One host or several, each with its port or without, and a database or none. */
  private static final Pattern FORM =
      Pattern.compile("jdbc:postgresql://[^/?:,]+(:[0-9]{1,5})?(,[^/?:,]+(:[0-9]{1,5})?)*(/.*)?");

  private static final int CONNECT_SECONDS = 5;
  private static final int ANSWER_SECONDS = 60;

  private final String url;
  private final String user;
  private final String password;

  private DatabaseAddress(String url, String user, String password) {
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /**
   * The address with the URL {@code url}.
   *
   * @param environment that has user and password, such as {@link System#getenv()}
   * @throws StoreException if the URL is none of PostgreSQL's, or carries a password
   */
  public static DatabaseAddress of(String url, Map<String, String> environment) {
    if (SECRET.matcher(url).find()) {
      throw new StoreException(
          "the database's URL must not carry a user's part or a password: those are read from the environment, %s and %s"
              .formatted(USER_VARIABLE, PASSWORD_VARIABLE));
    }
    // What the driver cannot make sense of it also writes to standard error.
    Properties parts = FORM.matcher(url).matches() ? Driver.parseURL(url, null) : null;
    if (parts == null) {
      throw new StoreException("the database's URL is '%s'; it has to be %s".formatted(url, SHAPE));
    }
    String servers = url.replaceFirst("jdbc:postgresql://([^/?]*).*", "$1");
    if (!servers(parts).equals(servers(Driver.parseURL(PREFIX + servers + "/", null)))) {
      throw new StoreException(
          "the database's URL is '%s'; a host or a port must come before the database's name, nowhere else"
              .formatted(url));
    }
    return new DatabaseAddress(
        url,
        environment.getOrDefault(USER_VARIABLE, ""),
        environment.getOrDefault(PASSWORD_VARIABLE, ""));
  }

  private static String servers(Properties parts) {
    return PGProperty.PG_HOST.getOrDefault(parts) + " " + PGProperty.PG_PORT.getOrDefault(parts);
  }

  /**
   * The same database with tables in another schema.
   *
   * @param schema empty for the server's default
   */
  DatabaseAddress inSchema(Optional<String> schema) {
    if (RunDatabase.schema(url).equals(schema)) {
      return this;
    }
    int query = url.indexOf('?');
    List<String> parameters = new ArrayList<>();
    if (query >= 0) {
      parameters.addAll(List.of(url.substring(query + 1).split("&")));
      parameters.removeIf(each -> each.startsWith("currentSchema="));
    }
    schema.ifPresent(
        name -> parameters.add("currentSchema=" + URLEncoder.encode(name, StandardCharsets.UTF_8)));
    String base = query < 0 ? url : url.substring(0, query);
    String all = parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    return new DatabaseAddress(base + all, user, password);
  }

  /** The URL, without secrets. */
  public String url() {
    return url;
  }

  /** The environment that names it: URL, user and password. */
  Map<String, String> variables() {
    return Map.of(URL_VARIABLE, url, USER_VARIABLE, user, PASSWORD_VARIABLE, password);
  }

  /** The user that the environment names; empty if it names none. */
  String user() {
    return user;
  }

  /** The password; empty if there is none. For the driver's eyes only. */
  String password() {
    return password;
  }

  /**
   * A new connection, which gives up on a server that does not answer for a minute.
   *
   * @throws SQLException if it cannot be made
   */
  Connection connect() throws SQLException {
    Properties properties = new Properties();
    if (!user.isEmpty()) {
      PGProperty.USER.set(properties, user);
    }
    if (!password.isEmpty()) {
      PGProperty.PASSWORD.set(properties, password);
    }
    PGProperty.APPLICATION_NAME.set(properties, "mapstorm");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
    PGProperty.LOGIN_TIMEOUT.set(properties, 2 * CONNECT_SECONDS);
    PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    return DriverManager.getConnection(url, properties);
  }

  /** The same database for the same user. */
  @Override
  public boolean equals(Object other) {
    return other instanceof DatabaseAddress that
        && url.equals(that.url)
        && user.equals(that.user)
        && password.equals(that.password);
  }

  @Override
  public int hashCode() {
    return url.hashCode();
  }

  /** The URL. */
  @Override
  public String toString() {
    return url;
  }
}
