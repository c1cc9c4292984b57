package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * The ranges of a host whose entries are cleared while the unmapping call still has to invalidate
 * them or to queue them. A CPU has one such range, or a few where recorded clients overlap on it,
 * so each has a short list.
 */
final class UnmapsInProgress implements EventSink {
  /** What a search answers when there is no such range. */
  static final int NONE = -1;

  private static final int FIELDS = 5;
  private static final int DOMAIN = 0;
  private static final int CLIENT = 1;
  private static final int PFN = 2;
  private static final int PAGES = 3;
  private static final int SINCE = 4;

  private long[][] ofCpu = new long[0][];
  private int[] used = new int[0];

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    if (cpu >= used.length) {
      reach(cpu);
    }
    long[] list = ofCpu[cpu];
    int at = used[cpu];
    if (at == list.length) {
      list = Arrays.copyOf(list, at * 2);
      ofCpu[cpu] = list;
    }
    list[at + DOMAIN] = domain;
    list[at + CLIENT] = client;
    list[at + PFN] = pfn;
    list[at + PAGES] = pages;
    list[at + SINCE] = t;
    used[cpu] = at + FIELDS;
  }

  private void reach(int cpu) {
    int before = used.length;
    int n = Math.max(cpu + 1, Math.max(16, before * 2));
    used = Arrays.copyOf(used, n);
    ofCpu = Arrays.copyOf(ofCpu, n);
    for (int i = before; i < n; i++) {
      ofCpu[i] = new long[2 * FIELDS];
    }
  }

  /**
   * The range of {@code domain} that {@code cpu} has cleared within the {@code pages} from {@code
   * pfn}, the oldest if there are several; or {@link #NONE}.
   */
  int find(int cpu, int domain, long pfn, long pages) {
    if (cpu >= used.length) {
      return NONE;
    }
    long[] list = ofCpu[cpu];
    for (int at = 0; at < used[cpu]; at += FIELDS) {
      if (list[at + DOMAIN] == domain && list[at + PFN] >= pfn && list[at + PFN] < pfn + pages) {
        return at;
      }
    }
    return NONE;
  }

  /** The oldest range of {@code domain} that {@code cpu} has cleared, or {@link #NONE}. */
  int findAny(int cpu, int domain) {
    return find(cpu, domain, 0, Long.MAX_VALUE);
  }

  /** Who cleared the range that a search found. */
  int client(int cpu, int at) {
    return (int) ofCpu[cpu][at + CLIENT];
  }

  /** When the range that a search found was cleared. */
  long since(int cpu, int at) {
    return ofCpu[cpu][at + SINCE];
  }

  /** The range that a search found is invalidated or queued. */
  void finish(int cpu, int at) {
    used[cpu] -= FIELDS;
    System.arraycopy(ofCpu[cpu], at + FIELDS, ofCpu[cpu], at, used[cpu] - at);
  }

  /** The call has returned: whatever of it was neither invalidated nor queued never will be. */
  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    if (cpu >= used.length) {
      return;
    }
    long[] list = ofCpu[cpu];
    for (int at = used[cpu] - FIELDS; at >= 0; at -= FIELDS) {
      if (list[at + DOMAIN] == domain && list[at + CLIENT] == client) {
        finish(cpu, at);
      }
    }
  }
}
