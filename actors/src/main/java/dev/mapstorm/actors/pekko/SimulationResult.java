package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.HashChain;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * How a simulation ended.
 *
 * @param hosts results by host number; of a simulation that was stopped, of those that had begun
 */
public record SimulationResult(List<HostResult> hosts) {

  /** Keeps an unmodifiable copy. */
  public SimulationResult {
    hosts = List.copyOf(hosts);
  }

  /** Whether every host reached the end of its run. */
  public boolean complete() {
    return hosts.stream().allMatch(HostResult::complete);
  }

  /** Events in the journal. */
  public long events() {
    return hosts.stream().mapToLong(HostResult::events).sum();
  }

  /** Bytes of payload in the journal. */
  public long journalBytes() {
    return hosts.stream().mapToLong(HostResult::journalBytes).sum();
  }

  /**
   * The hash of the whole run: that of its only host, or SHA-256 over the hosts' hashes in order.
   * In hexadecimal.
   */
  public String hash() {
    if (hosts.size() == 1) {
      return HexFormat.of().formatHex(hosts.get(0).hash());
    }
    MessageDigest digest = HashChain.sha256();
    hosts.forEach(host -> digest.update(host.hash()));
    return HexFormat.of().formatHex(digest.digest());
  }
}
