package dev.mapstorm.load.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Who may use a node's management port: everybody on the machine, if it is bound to a loopback
 * address; those who know the token, if there is one.
 *
 * @param token that has to be said; empty if none is asked for
 */
public record ManagementAccess(Optional<String> token) {
  /** The environment variable that holds the token, of nodes and of clients. */
  public static final String VARIABLE = "MAPSTORM_TOKEN";

  static final String SCHEME = "Bearer ";

  /**
   * Access to a port.
   *
   * @param host that it is bound to
   * @param token from the environment; null if it is not set
   * @throws IllegalArgumentException if it would be open to other machines without a token
   */
  public static ManagementAccess of(String host, String token) {
    Optional<String> given = Optional.ofNullable(token).filter(text -> !text.isBlank());
    if (given.isEmpty() && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "the management port on %s would be open to other machines: set %s, or bind it to 127.0.0.1"
              .formatted(host, VARIABLE));
    }
    return new ManagementAccess(given);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "the management host %s is no address of this machine".formatted(host), e);
    }
  }

  /** Whether what a client says in {@code Authorization} is enough. */
  boolean allows(Optional<String> authorization) {
    return token.isEmpty()
        || authorization.filter(said -> same(said, SCHEME + token.get())).isPresent();
  }

  private static boolean same(String said, String wanted) {
    return MessageDigest.isEqual(
        said.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }
}
