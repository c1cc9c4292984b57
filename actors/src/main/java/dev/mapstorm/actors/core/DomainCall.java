package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.spec.PerItem;
import java.util.Arrays;

/**
 * A CPU inside a domain's code: who it works for, its place in time, and the ranges of which the
 * domain's units have to be told. {@link #at} runs ahead of the clock within a step; a step that
 * has to be at its own instant (a lock that others contend for, the end of an open section) is
 * resumed when the clock gets there. A backend adds what its own steps need. Used again for later
 * calls; not thread-safe.
 */
public class DomainCall implements LockUser {
  /** The call in its domain, by which messages name it; used again for later calls. */
  public int number;

  /** Its domain. */
  public int domain;

  /** Its number in the domain, by which events name it; never used again. */
  public long id;

  /** The mapping that it takes back, by its number in events; -1 for other calls. */
  public long takesBack;

  /** The client that called, -1 where nobody did. */
  public int client;

  /** The CPU that executes it. */
  public int cpu;

  /** The client's request, -1 where nobody called. */
  public long op;

  /** The instant that the CPU has reached, in nanoseconds; not before the clock's. */
  public long at;

  /** For the driver of the units: the unit in hand, of those that the domain is behind. */
  public int unit;

  private static final int RANGE_WORDS = 3;
  private static final int PS = 1_000;

  /** Picoseconds that the CPU is past {@link #at}; a call begins with half, so that it rounds. */
  private int ps;

  /**
   * Ranges of which the units have to be told, one after the other: first granule, count, and the
   * page size with the sign of what is freed.
   */
  private long[] ranges = new long[RANGE_WORDS];

  private int words;
  private int current;
  private boolean whole;
  private boolean together;

  /** Ranges that the units are told of at a time. */
  private int told;

  /** Makes it a new call. */
  protected void begin(int slot, int byClient, int onCpu, long ofOp, long now) {
    number = slot;
    id = 0;
    takesBack = -1;
    client = byClient;
    cpu = onCpu;
    op = ofOp;
    at = now;
    ps = PS / 2;
    unit = 0;
    words = 0;
    current = 0;
    whole = false;
    together = false;
    told = 1;
  }

  @Override
  public final int cpu() {
    return cpu;
  }

  @Override
  public final int domain() {
    return domain;
  }

  @Override
  public final long call() {
    return id;
  }

  /** Spends the time of so many items; what is less than a nanosecond counts for the next. */
  public final void spend(PerItem each, long items) {
    long sum = ps + each.ps(items);
    at += sum / PS;
    ps = (int) (sum % PS);
  }

  /** Notes a range of which the units have to be told. */
  public final void toSync(long pfn, long pages) {
    toSync(pfn, pages, 0, true);
  }

  /**
   * Notes a range of which the units have to be told, with what some of them ask.
   *
   * @param pageShift base-two logarithm of the bytes of its pages; 0 where nobody asks
   * @param leafOnly whether no table was freed
   */
  public final void toSync(long pfn, long pages, int pageShift, boolean leafOnly) {
    if (words == ranges.length) {
      ranges = Arrays.copyOf(ranges, words * 2);
    }
    ranges[words++] = pfn;
    ranges[words++] = pages;
    ranges[words++] = leafOnly ? pageShift : ~pageShift;
  }

  /** Forgets what was noted: somebody else makes the units forget it. */
  public final void syncNothing() {
    words = 0;
    current = 0;
    whole = false;
  }

  /** Notes that the units may be told of several of the call's ranges at a time. */
  public final void syncTogether() {
    together = true;
  }

  /** Whether the units may be told of several of the call's ranges at a time. */
  public final boolean syncsTogether() {
    return together;
  }

  /** The range in hand and those after it, pairs of first granule and count, up to {@code most}. */
  public final long[] syncRanges(int most) {
    told = Math.min(most, (words - current) / RANGE_WORDS);
    long[] pairs = new long[2 * told];
    for (int i = 0; i < told; i++) {
      pairs[2 * i] = ranges[current + i * RANGE_WORDS];
      pairs[2 * i + 1] = ranges[current + i * RANGE_WORDS + 1];
    }
    return pairs;
  }

  /** Notes that the units have to be told of the whole domain, and of nothing else. */
  public final void syncWhole() {
    whole = true;
  }

  /** First granule of the range in hand; 0 for the whole domain, and where there is none. */
  public final long syncPfn() {
    return whole || current == words ? 0 : ranges[current];
  }

  /** Granules of the range in hand; 0 for the whole domain, and where there is none. */
  public final long syncPages() {
    return whole || current == words ? 0 : ranges[current + 1];
  }

  /** Base-two logarithm of the page size of the range in hand; 0 where there is none. */
  public final int syncPageShift() {
    return (int) (detail() < 0 ? ~detail() : detail());
  }

  /** Whether no table of the range in hand was freed. */
  public final boolean syncLeafOnly() {
    return detail() >= 0;
  }

  private long detail() {
    return whole || current == words ? 0 : ranges[current + 2];
  }

  /** Goes on to the next range; false if the one in hand was the last. */
  public final boolean nextSync() {
    if (whole) {
      return false;
    }
    current += told * RANGE_WORDS;
    told = 1;
    return current < words;
  }
}
