package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * The unmapping call that each CPU of a host is in: from the entries that it cleared until their
 * invalidation is complete, their range is queued, or the call returns. A CPU is in one call at a
 * time, so what it does in between, such as posting an invalidation, is that call's.
 */
final class UnmapsInProgress implements EventSink {
  private static final int NO_DOMAIN = -1;

  private int[] domain = new int[0];
  private int[] client = new int[0];
  private long[] since = new long[0];
  private long[] first = new long[0];
  private long[] end = new long[0];

  private void reach(int cpu) {
    if (cpu < domain.length) {
      return;
    }
    int n = Math.max(cpu + 1, Math.max(16, domain.length * 2));
    int before = domain.length;
    domain = Arrays.copyOf(domain, n);
    Arrays.fill(domain, before, n, NO_DOMAIN);
    client = Arrays.copyOf(client, n);
    since = Arrays.copyOf(since, n);
    first = Arrays.copyOf(first, n);
    end = Arrays.copyOf(end, n);
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    reach(cpu);
    boolean goesOn =
        this.domain[cpu] == domain && this.client[cpu] == client && this.end[cpu] == pfn;
    if (!goesOn) {
      this.domain[cpu] = domain;
      this.client[cpu] = client;
      since[cpu] = t;
      first[cpu] = pfn;
    }
    end[cpu] = pfn + pages;
  }

  /** The call of {@code cpu} in {@code domain} has no more stale entries, or has returned. */
  void finish(int cpu, int domain) {
    if (inProgress(cpu, domain)) {
      this.domain[cpu] = NO_DOMAIN;
    }
  }

  /** Whether {@code cpu} has cleared entries of {@code domain} that may still be cached. */
  boolean inProgress(int cpu, int domain) {
    return cpu < this.domain.length && this.domain[cpu] == domain;
  }

  /** Whose call it is, or -1. */
  int client(int cpu, int domain) {
    return inProgress(cpu, domain) ? client[cpu] : -1;
  }

  /** When the entries were cleared; only while {@link #inProgress}. */
  long since(int cpu) {
    return since[cpu];
  }

  /** Whether the cleared entries begin within the range; only while {@link #inProgress}. */
  boolean within(int cpu, long pfn, long pages) {
    return first[cpu] >= pfn && first[cpu] < pfn + pages;
  }
}
