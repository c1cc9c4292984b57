package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * Counts the granules whose entries are written for each range between its allocation and its
 * mapping, since a mapping's bytes alone do not say them: each unaligned segment of a list takes
 * granules of its own. A client fills one range at a time, or a few where it runs on several CPUs.
 */
final class RangesBeingMapped implements EventSink {
  private static final int FIELDS = 5;
  private static final int DOMAIN = 0;
  private static final int FIRST = 1;
  private static final int END = 2;
  private static final int MAPPED = 3;
  private static final int CPU = 4;

  /** Ranges that failed half-way never become mappings; beyond this many the oldest is dropped. */
  private static final int MOST = 64 * FIELDS;

  private long[][] ofClient = new long[0][];
  private int[] used = new int[0];
  private int lastCpu;

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    if (client >= used.length) {
      reach(client);
    }
    if (used[client] == MOST) {
      remove(client, 0);
    }
    long[] list = ofClient[client];
    int at = used[client];
    if (at == list.length) {
      list = Arrays.copyOf(list, at * 2);
      ofClient[client] = list;
    }
    list[at + DOMAIN] = domain;
    list[at + FIRST] = pfn;
    list[at + END] = pfn + pages;
    list[at + MAPPED] = 0;
    list[at + CPU] = cpu;
    used[client] = at + FIELDS;
  }

  /** Drops all ranges: none will be mapped any more. */
  void clear() {
    ofClient = new long[0][];
    used = new int[0];
  }

  private void reach(int client) {
    int before = used.length;
    int n = Math.max(client + 1, Math.max(16, before * 2));
    used = Arrays.copyOf(used, n);
    ofClient = Arrays.copyOf(ofClient, n);
    for (int i = before; i < n; i++) {
      ofClient[i] = new long[2 * FIELDS];
    }
  }

  /** The client's latest range that holds {@code pfn}, or -1. */
  private int find(int domain, int client, long pfn) {
    if (client >= used.length) {
      return -1;
    }
    long[] list = ofClient[client];
    for (int at = used[client] - FIELDS; at >= 0; at -= FIELDS) {
      if (list[at + FIRST] <= pfn && pfn < list[at + END] && list[at + DOMAIN] == domain) {
        return at;
      }
    }
    return -1;
  }

  private void remove(int client, int at) {
    used[client] -= FIELDS;
    System.arraycopy(ofClient[client], at + FIELDS, ofClient[client], at, used[client] - at);
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    int at = find(domain, client, pfn);
    if (at >= 0) {
      ofClient[client][at + MAPPED] += pages;
    }
  }

  /**
   * A mapping starts at {@code pfn}: forgets its range and returns the granules written for it, or
   * what its bytes span where nothing was allocated, as on a direct map.
   */
  long take(int domain, int client, long pfn, int offset, long bytes) {
    int at = find(domain, client, pfn);
    if (at < 0) {
      lastCpu = -1;
      return Granule.spanned(offset, bytes);
    }
    long pages = ofClient[client][at + MAPPED];
    lastCpu = (int) ofClient[client][at + CPU];
    remove(client, at);
    return pages;
  }

  /** Whether {@link #take} took a range that was allocated. */
  boolean wasAllocated() {
    return lastCpu >= 0;
  }

  /** The CPU that allocated the range that {@link #take} took last; -1 if nothing was allocated. */
  int lastCpu() {
    return lastCpu;
  }
}
