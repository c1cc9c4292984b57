package dev.mapstorm.actors.backend.window;

import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.RangeInUse;
import java.util.Arrays;

/**
 * A mapping of one or several ranges: who has it, and what is taken of the window for it. Not
 * thread-safe.
 */
public final class WindowMapping {
  private static final int WORDS = 3;
  private static final int PFN = 0;
  private static final int PAGES = 1;

  /** Granules of a range whose entries are cleared: none or all. */
  private static final int CLEARED = 2;

  private static final long[] NOTHING = {};

  /** The call that made it, which names it in events. */
  long id;

  private boolean page;
  private int client;
  private int cpu;
  private long op;
  private long[] vectors = NOTHING;
  private long mappedPages;

  /** In the order in which they were allocated. */
  private long[] ranges = new long[4 * WORDS];

  private int words;

  /** A mapping that {@code call} begins to make. */
  void begin(WindowCall call, boolean ofPage) {
    id = call.id;
    page = ofPage;
    client = call.client;
    cpu = call.cpu;
    op = call.op;
    vectors = NOTHING;
    mappedPages = 0;
    words = 0;
  }

  /** Whether {@code dma_map_page} made it. */
  public boolean page() {
    return page;
  }

  /** What the device was told, as pairs of address and length; empty while it is made. */
  public long[] vectors() {
    return vectors;
  }

  void made(long[] pairs) {
    vectors = pairs;
  }

  /** Granules that are mapped. */
  long mappedPages() {
    return mappedPages;
  }

  void mapped(long pages) {
    mappedPages += pages;
  }

  /** A range was allocated for it. */
  void allocated(long pfn, long pages) {
    if (words == ranges.length) {
      ranges = Arrays.copyOf(ranges, words * 2);
    }
    ranges[words + PFN] = pfn;
    ranges[words + PAGES] = pages;
    ranges[words + CLEARED] = 0;
    words += WORDS;
  }

  /** The entries of {@code pages} granules from {@code pfn} were cleared. */
  void cleared(long pfn, long pages) {
    for (int at = 0; at < words; at += WORDS) {
      if (ranges[at + PFN] >= pfn && ranges[at + PFN] < pfn + pages) {
        ranges[at + CLEARED] = 1;
      }
    }
  }

  /** The ranges within {@code pages} granules from {@code pfn} are free again. */
  void freed(long pfn, long pages) {
    int kept = 0;
    for (int at = 0; at < words; at += WORDS) {
      if (ranges[at + PFN] < pfn || ranges[at + PFN] >= pfn + pages) {
        System.arraycopy(ranges, at, ranges, kept, WORDS);
        kept += WORDS;
      }
    }
    words = kept;
  }

  /** Whether nothing of the window is taken for it. */
  boolean isGone() {
    return words == 0;
  }

  void show(HostVisitor visitor, int domain, int slot) {
    for (int at = 0; at < words; at += WORDS) {
      visitor.range(
          domain,
          new RangeInUse(
              ranges[at + PFN],
              ranges[at + PAGES],
              ranges[at + CLEARED] != 0,
              vectors.length == 0 ? -1 : slot,
              id,
              client,
              op,
              cpu,
              vectors));
    }
  }
}
