package dev.mapstorm.persistence.store;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host, port and name of a database: what has to be the same for credentials to go there.
 *
 * @param servers each as {@code host:port}, in lower case, in the order of the URL
 * @param name as the URL writes it; empty if it has none
 */
record DatabasePlace(List<String> servers, String name) {
  private static final String SERVER = "[A-Za-z0-9._-]+(?::[0-9]{1,5})?";
  private static final Pattern URL =
      Pattern.compile(
          "jdbc:postgresql://("
              + SERVER
              + "(?:,"
              + SERVER
              + ")*)/([^/?\\s\\p{Cntrl}]{0,200})(?:\\?.*)?");

  /** Keeps an unmodifiable copy. */
  DatabasePlace {
    servers = List.copyOf(servers);
  }

  /** The place that a URL names; empty if it is none that can be told from its text. */
  static Optional<DatabasePlace> of(String url) {
    Matcher parts = URL.matcher(url);
    return parts.matches()
        ? Optional.of(
            new DatabasePlace(
                Arrays.stream(parts.group(1).split(",")).map(DatabasePlace::server).toList(),
                parts.group(2)))
        : Optional.empty();
  }

  private static String server(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.contains(":") ? lower : lower + ":5432";
  }

  /** As a URL. */
  @Override
  public String toString() {
    return "jdbc:postgresql://%s/%s".formatted(String.join(",", servers), name);
  }
}
