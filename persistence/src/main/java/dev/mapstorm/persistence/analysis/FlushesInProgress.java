package dev.mapstorm.persistence.analysis;

import java.util.Arrays;

/** The flushes of a host's flush queues that have started and not ended, a handful at most. */
final class FlushesInProgress {
  private int[] domain = new int[8];
  private int[] cpu = new int[8];
  private int[] reason = new int[8];
  private long[] since = new long[8];
  private int size;

  void start(long t, int domain, int cpu, int reason) {
    if (size == this.domain.length) {
      this.domain = Arrays.copyOf(this.domain, size * 2);
      this.cpu = Arrays.copyOf(this.cpu, size * 2);
      this.reason = Arrays.copyOf(this.reason, size * 2);
      since = Arrays.copyOf(since, size * 2);
    }
    this.domain[size] = domain;
    this.cpu[size] = cpu;
    this.reason[size] = reason;
    since[size] = t;
    size++;
  }

  /** Ends the oldest flush of {@code domain} on {@code cpu}; returns its start, or -1 if none. */
  long finish(int domain, int cpu) {
    for (int i = 0; i < size; i++) {
      if (this.domain[i] == domain && this.cpu[i] == cpu) {
        long started = since[i];
        int behind = --size - i;
        System.arraycopy(this.domain, i + 1, this.domain, i, behind);
        System.arraycopy(this.cpu, i + 1, this.cpu, i, behind);
        System.arraycopy(reason, i + 1, reason, i, behind);
        System.arraycopy(since, i + 1, since, i, behind);
        return started;
      }
    }
    return -1;
  }

  /** Why {@code domain} is being flushed on {@code cpu}: its latest flush's reason, or -1. */
  int reason(int domain, int cpu) {
    for (int i = size - 1; i >= 0; i--) {
      if (this.domain[i] == domain && this.cpu[i] == cpu) {
        return reason[i];
      }
    }
    return -1;
  }
}
