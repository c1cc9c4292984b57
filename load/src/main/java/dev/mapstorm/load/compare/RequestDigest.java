package dev.mapstorm.load.compare;

import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Tells whether runs were asked the same: which ranges, in which order, by which client, whatever
 * the instants. Keeps a number for each of the first {@value #STRIDE} requests of a client and for
 * every {@value #STRIDE} of those behind. Not thread-safe.
 */
public final class RequestDigest {
  private static final int STRIDE = 64;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final TreeMap<Long, Client> clients = new TreeMap<>();

  /** What two runs have in common. */
  public enum Relation {
    /** The same requests. */
    SAME,
    /** The same as far as both go; one goes further. */
    SAME_BEGINNING,
    /** Others. */
    OTHER
  }

  /** The requests of one client. */
  private static final class Client {
    private long chain = 1;
    private long count;
    private final long[] first = new long[STRIDE];
    private long[] marks = new long[16];

    void add(long value) {
      chain = Long.rotateLeft(chain ^ value, 29) * MULTIPLIER;
    }

    void endOfRequest() {
      if (count < STRIDE) {
        first[(int) count] = chain;
      }
      count++;
      if (count % STRIDE == 0) {
        int mark = (int) (count / STRIDE) - 1;
        if (mark == marks.length) {
          marks = Arrays.copyOf(marks, mark * 2);
        }
        marks[mark] = chain;
      }
    }

    Relation to(Client other) {
      if (count == other.count) {
        return chain == other.chain ? Relation.SAME : Relation.OTHER;
      }
      long common = Math.min(count, other.count);
      int last = (int) (common / STRIDE) - 1;
      boolean same =
          last < 0
              ? common > 0 && first[(int) common - 1] == other.first[(int) common - 1]
              : marks[last] == other.marks[last];
      return same ? Relation.SAME_BEGINNING : Relation.OTHER;
    }
  }

  /** The sink for the events of a host. */
  public EventSink host(int host) {
    return new HostRequests(host);
  }

  /** Digests the requests of a host. */
  @Hears(EventKind.DMA_REQUESTED)
  private final class HostRequests extends PartialSink {
    private final int host;

    HostRequests(int host) {
      this.host = host;
    }

    @Override
    public void dmaRequested(
        long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
      Client of = clients.computeIfAbsent((long) host << 32 | client, key -> new Client());
      of.add(op);
      of.add(direction);
      for (int i = 0; i < n; i++) {
        of.add(phys[i]);
        of.add(length[i]);
      }
      of.endOfRequest();
    }
  }

  /** What this run and another were asked. */
  public Relation to(RequestDigest other) {
    if (!clients.keySet().equals(other.clients.keySet())) {
      return Relation.OTHER;
    }
    Relation all = Relation.SAME;
    for (long key : clients.keySet()) {
      Relation one = clients.get(key).to(other.clients.get(key));
      all = one.compareTo(all) > 0 ? one : all;
    }
    return all;
  }
}
