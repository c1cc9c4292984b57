package dev.mapstorm.persistence.analysis.cpu;

import java.util.Arrays;
import java.util.List;

/**
 * What the calls of the requests of a host's clients took, of those that were through all their
 * calls. Not thread-safe.
 */
public final class ClientCalls {
  private static final int WORDS = 4;

  private long[] sums = new long[16 * WORDS];

  ClientCalls() {}

  /**
   * The sums of a client.
   *
   * @param mapped requests of which all was mapped
   * @param mappedNs CPU time of the calls that mapped these
   * @param unmapped requests of which all was mapped and nothing is left
   * @param unmappedNs CPU time of the calls that unmapped these
   */
  public record Sums(long mapped, long mappedNs, long unmapped, long unmappedNs) {}

  private int at(int client) {
    int at = client * WORDS;
    if (at >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(at + WORDS, sums.length * 2));
    }
    return at;
  }

  /** All of a request is mapped, by calls that took {@code ns}. */
  void requestMapped(int client, long ns) {
    int at = at(client);
    sums[at]++;
    sums[at + 1] += ns;
  }

  /** All of a request is unmapped, by calls that took {@code ns}. */
  void requestUnmapped(int client, long ns) {
    int at = at(client);
    sums[at + 2]++;
    sums[at + 3] += ns;
  }

  /** Those of a client; zero for one without requests. */
  public Sums of(int client) {
    int at = client * WORDS;
    return at >= sums.length
        ? new Sums(0, 0, 0, 0)
        : new Sums(sums[at], sums[at + 1], sums[at + 2], sums[at + 3]);
  }

  /** Those of all clients of all hosts. */
  public static Sums total(List<ClientCalls> hosts) {
    long[] total = new long[WORDS];
    for (ClientCalls host : hosts) {
      for (int i = 0; i < host.sums.length; i++) {
        total[i % WORDS] += host.sums[i];
      }
    }
    return new Sums(total[0], total[1], total[2], total[3]);
  }
}
