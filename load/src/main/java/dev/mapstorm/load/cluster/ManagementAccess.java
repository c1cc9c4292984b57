package dev.mapstorm.load.cluster;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may use a node's management port: those who know the token, if there is one; else everybody
 * on the machine, and the port is bound to a loopback address.
 *
 * <p>"Everybody on the machine" does not mean the pages that somebody there looks at. A page of
 * elsewhere can let the name of its own server resolve to 127.0.0.1 and then reads, as its own
 * origin, what the port answers (DNS rebinding). Its browser says that name in {@code Host}, so
 * without a token only names of this machine are taken there.
 *
 * @param host that the port is bound to
 * @param token that has to be said; empty if none is asked for
 */
public record ManagementAccess(String host, Optional<String> token) {
  /** The environment variable that holds the token, of nodes and of clients. */
  public static final String VARIABLE = "MAPSTORM_TOKEN";

  static final String SCHEME = "Bearer ";

  /** Names and addresses that no server of elsewhere can give itself. */
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "localhost|127(\\.\\d{1,3}){3}|\\[?(::1|(0{1,4}:){7}0{0,3}1)]?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Access to a port.
   *
   * @param host that it is bound to
   * @param token from the environment; null if it is not set
   * @throws IllegalArgumentException if it would be open to other machines without a token
   */
  public static ManagementAccess of(String host, String token) {
    Optional<String> given = Optional.ofNullable(token).filter(text -> !text.isBlank());
    if (given.isEmpty() && !Loopback.is(host)) {
      throw new IllegalArgumentException(
          "the management port on %s would be open to other machines: set %s, or bind it to 127.0.0.1"
              .formatted(host, VARIABLE));
    }
    return new ManagementAccess(host, given);
  }

  /** Whether what a client says in {@code Authorization} is enough. */
  boolean allows(Optional<String> authorization) {
    return token.isEmpty()
        || authorization.filter(said -> same(said, SCHEME + token.get())).isPresent();
  }

  /**
   * Whether a request may be for this node by the name that it says in {@code Host}, without the
   * port. Nothing is looked up. With a token any name will do: a page of elsewhere does not know
   * the token.
   */
  boolean answersTo(String name) {
    return token.isPresent() || name.equalsIgnoreCase(host) || LOOPBACK.matcher(name).matches();
  }

  private static boolean same(String said, String wanted) {
    return MessageDigest.isEqual(
        said.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }
}
