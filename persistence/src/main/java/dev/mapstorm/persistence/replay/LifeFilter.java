package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.Granule;
import java.util.BitSet;

/**
 * Whose life is told: that of an address, of some clients, or of an address in the hands of some
 * clients.
 *
 * @param pfn the granule of the address, or {@link #ANY}
 * @param domain that the address belongs to, or {@link #ANY}
 * @param anyClient whether all clients count
 * @param clients those that count otherwise
 */
public record LifeFilter(long pfn, int domain, boolean anyClient, BitSet clients) {
  /** No condition. */
  public static final int ANY = -1;

  /** Keeps a copy of the set. */
  public LifeFilter {
    clients = (BitSet) clients.clone();
  }

  /** Everything that concerns the granule of {@code address} in {@code domain}, or in any. */
  public static LifeFilter address(int domain, long address) {
    return new LifeFilter(Granule.pfn(address), domain, true, new BitSet());
  }

  /** Everything that concerns some clients. */
  public static LifeFilter clients(BitSet clients) {
    return new LifeFilter(ANY, ANY, false, clients);
  }

  /** A copy of the set. */
  @Override
  public BitSet clients() {
    return (BitSet) clients.clone();
  }

  boolean hasAddress() {
    return pfn != ANY;
  }

  boolean covers(int inDomain, long first, long pages) {
    return (domain == ANY || domain == inDomain)
        && (pfn == ANY || first <= pfn && pfn < first + pages);
  }

  boolean isOf(int client) {
    return anyClient || client >= 0 && clients.get(client);
  }
}
