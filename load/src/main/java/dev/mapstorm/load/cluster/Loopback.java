package dev.mapstorm.load.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses that only this machine reaches. */
final class Loopback {
  private Loopback() {}

  /**
   * Whether a port that is bound to this address is for this machine alone.
   *
   * @param host name or address
   * @throws IllegalArgumentException if it is neither
   */
  static boolean is(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("%s is no address of this machine".formatted(host), e);
    }
  }
}
