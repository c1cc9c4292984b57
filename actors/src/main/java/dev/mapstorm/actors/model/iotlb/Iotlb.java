package dev.mapstorm.actors.model.iotlb;

import java.util.Arrays;

/**
 * A set-associative IOTLB with least-recently-used replacement within a set.
 *
 * <p>An entry is known by domain id, page size and page number; the low bits of the page number
 * select its set. Pages of several sizes may be cached side by side, each in the set that its own
 * number selects, and a lookup asks for every size that is present, smallest first.
 *
 * <p>Entries are not kept up to date with the page table: what was unmapped is found until it is
 * invalidated. Organisation and figures of real units are not documented; 64 entries were inferred
 * for Sandy Bridge, the HyperSIO simulator uses 64 entries of 8 ways.
 *
 * <p>Not thread safe.
 */
public final class Iotlb {
  private static final int NONE = -1;
  private static final int PAGE_SHIFT = 12;

  private final int ways;
  private final int setMask;
  private final int[] domain;
  private final long[] page;
  private final byte[] shift;
  private final long[] phys;
  private final byte[] prot;
  private final long[] usedAt;
  private final int[] entriesOfShift = new int[64];
  private long shiftsPresent;
  private int live;
  private long clock;
  private int hit = NONE;
  private long hits;
  private long misses;
  private long evictions;
  private long invalidated;

  /**
   * @param entries entries in all, a multiple of {@code ways}
   * @param ways entries of a set; {@code entries / ways} sets must be a power of two
   * @throws IllegalArgumentException if the numbers do not go together
   */
  public Iotlb(int entries, int ways) {
    if (entries < 1 || ways < 1 || entries % ways != 0 || Integer.bitCount(entries / ways) != 1) {
      throw new IllegalArgumentException(
          "an IOTLB of "
              + entries
              + " entries and "
              + ways
              + " ways does not have a power of two of sets");
    }
    this.ways = ways;
    setMask = entries / ways - 1;
    domain = new int[entries];
    page = new long[entries];
    shift = new byte[entries];
    phys = new long[entries];
    prot = new byte[entries];
    usedAt = new long[entries];
    Arrays.fill(domain, NONE);
  }

  /**
   * Looks an address up and counts a hit or a miss. A hit makes its entry the most recently used.
   *
   * @param domainId hardware's id of the domain, not negative
   * @param iova any byte address
   * @return whether it was found; then {@link #hitPhys}, {@link #hitShift} and {@link #hitProt} say
   *     what
   */
  public boolean lookup(int domainId, long iova) {
    for (long left = shiftsPresent; left != 0; left &= left - 1) {
      int pageShift = Long.numberOfTrailingZeros(left);
      int entry = find(domainId, iova >>> pageShift, pageShift);
      if (entry != NONE) {
        usedAt[entry] = ++clock;
        hit = entry;
        hits++;
        return true;
      }
    }
    hit = NONE;
    misses++;
    return false;
  }

  /**
   * Physical page that the last lookup found.
   *
   * @throws IllegalStateException if it found none, or the IOTLB has been changed since
   */
  public long hitPhys() {
    return phys[lastHit()];
  }

  /** Base-two logarithm of the bytes of the page that the last lookup found. */
  public int hitShift() {
    return shift[lastHit()];
  }

  /** Access rights of the page that the last lookup found, as they were filled in. */
  public int hitProt() {
    return prot[lastHit()];
  }

  /**
   * Caches a page, in place of the same page if it is there, else of an empty entry of its set,
   * else of the least recently used.
   *
   * @param domainId hardware's id of the domain, not negative
   * @param iova any byte address within the page
   * @param pageShift base-two logarithm of the page's bytes, 12 to 63
   * @param physPage first physical address of the page
   * @param rights access rights, kept as they are; 0 to 127
   * @return whether another page was evicted for it
   */
  public boolean fill(int domainId, long iova, int pageShift, long physPage, int rights) {
    requireKey(domainId, pageShift);
    hit = NONE;
    long number = iova >>> pageShift;
    int entry = find(domainId, number, pageShift);
    boolean evicts = false;
    if (entry == NONE) {
      entry = victim(number);
      evicts = domain[entry] != NONE;
      if (evicts) {
        drop(entry);
        evictions++;
      }
      domain[entry] = domainId;
      page[entry] = number;
      shift[entry] = (byte) pageShift;
      live++;
      entriesOfShift[pageShift]++;
      shiftsPresent |= 1L << pageShift;
    }
    phys[entry] = physPage;
    prot[entry] = (byte) rights;
    usedAt[entry] = ++clock;
    return evicts;
  }

  /**
   * Drops every page of a domain that overlaps a range, whatever its size. Costs the smaller of the
   * pages in the range and the entries of the IOTLB, for each page size present.
   *
   * @param pfn first 4 KiB page frame of the range
   * @param pages 4 KiB pages in it, positive
   * @return entries dropped
   */
  public int invalidatePages(int domainId, long pfn, long pages) {
    hit = NONE;
    int before = live;
    boolean scan = false;
    for (long left = shiftsPresent; left != 0; left &= left - 1) {
      int pageShift = Long.numberOfTrailingZeros(left);
      long firstPage = pfn >>> pageShift - PAGE_SHIFT;
      long lastPage = pfn + pages - 1 >>> pageShift - PAGE_SHIFT;
      if (lastPage - firstPage >= domain.length / ways) {
        scan = true;
      } else {
        for (long number = firstPage; number <= lastPage; number++) {
          int entry = find(domainId, number, pageShift);
          if (entry != NONE) {
            drop(entry);
          }
        }
      }
    }
    if (scan) {
      dropOverlapping(domainId, pfn, pfn + pages - 1);
    }
    invalidated += before - live;
    return before - live;
  }

  /**
   * Drops every page of a domain.
   *
   * @return entries dropped
   */
  public int invalidateDomain(int domainId) {
    hit = NONE;
    int before = live;
    for (int entry = 0; live > 0 && entry < domain.length; entry++) {
      if (domain[entry] == domainId) {
        drop(entry);
      }
    }
    invalidated += before - live;
    return before - live;
  }

  /** Entries in use. */
  public int live() {
    return live;
  }

  /** Lookups that found a page. */
  public long hits() {
    return hits;
  }

  /** Lookups that found none. */
  public long misses() {
    return misses;
  }

  /** Pages that had to go to make room for another. */
  public long evictions() {
    return evictions;
  }

  /** Pages dropped by invalidations. */
  public long invalidated() {
    return invalidated;
  }

  private void dropOverlapping(int domainId, long firstPfn, long lastPfn) {
    for (int entry = 0; entry < domain.length; entry++) {
      if (domain[entry] == domainId) {
        int toPfn = shift[entry] - PAGE_SHIFT;
        long start = page[entry] << toPfn;
        if (start <= lastPfn && start + (1L << toPfn) > firstPfn) {
          drop(entry);
        }
      }
    }
  }

  private int find(int domainId, long number, int pageShift) {
    int start = (int) (number & setMask) * ways;
    for (int entry = start; entry < start + ways; entry++) {
      if (page[entry] == number && domain[entry] == domainId && shift[entry] == pageShift) {
        return entry;
      }
    }
    return NONE;
  }

  private int victim(long number) {
    int start = (int) (number & setMask) * ways;
    int oldest = start;
    for (int entry = start; entry < start + ways; entry++) {
      if (domain[entry] == NONE) {
        return entry;
      }
      if (usedAt[entry] < usedAt[oldest]) {
        oldest = entry;
      }
    }
    return oldest;
  }

  private void drop(int entry) {
    domain[entry] = NONE;
    live--;
    int pageShift = shift[entry];
    if (--entriesOfShift[pageShift] == 0) {
      shiftsPresent &= ~(1L << pageShift);
    }
  }

  private int lastHit() {
    if (hit == NONE) {
      throw new IllegalStateException("the last access of the IOTLB was not a hit");
    }
    return hit;
  }

  private static void requireKey(int domainId, int pageShift) {
    if (domainId < 0) {
      throw new IllegalArgumentException("a domain id is not negative, as " + domainId + " is");
    }
    if (pageShift < PAGE_SHIFT || pageShift > 63) {
      throw new IllegalArgumentException(
          "a page of 2^" + pageShift + " bytes is not an IOTLB entry");
    }
  }
}
