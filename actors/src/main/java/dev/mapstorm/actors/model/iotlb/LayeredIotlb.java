package dev.mapstorm.actors.model.iotlb;

/**
 * An IOTLB with, perhaps, a larger and slower one after it. What the second has goes into the
 * first; a walk fills both, and an invalidation drops from both. That an entry of the first may be
 * evicted from the second is an assumption, as is all of their organisation.
 *
 * <p>Not thread safe.
 */
public final class LayeredIotlb {
  /** Ways of the second level, of which nothing is published. */
  private static final int SECOND_WAYS = 8;

  private final Iotlb first;

  /** Null without a second level. */
  private final Iotlb second;

  /** What the second had, of the address that was looked up last; else it is the first's. */
  private boolean bySecond;

  private long physPage;
  private int pageShift;
  private int rights;

  /**
   * @param first the first level
   * @param secondEntries of the second level, a power of two; 0 for none
   */
  public LayeredIotlb(Iotlb first, int secondEntries) {
    this.first = first;
    second =
        secondEntries == 0 ? null : new Iotlb(secondEntries, Math.min(SECOND_WAYS, secondEntries));
  }

  /** Looks an address up; the {@code hit} methods say what was found. */
  public boolean lookup(int domain, long iova) {
    bySecond = false;
    if (first.lookup(domain, iova)) {
      return true;
    }
    if (second == null || !second.lookup(domain, iova)) {
      return false;
    }
    bySecond = true;
    physPage = second.hitPhys();
    pageShift = second.hitShift();
    rights = second.hitProt();
    first.fill(domain, iova, pageShift, physPage, rights);
    return true;
  }

  /** Whether only the second level had what was found last. */
  public boolean hitSecond() {
    return bySecond;
  }

  /** First physical address of the page that was found last. */
  public long hitPhys() {
    return bySecond ? physPage : first.hitPhys();
  }

  /** Base-two logarithm of the bytes of the page that was found last. */
  public int hitShift() {
    return bySecond ? pageShift : first.hitShift();
  }

  /** Rights of the page that was found last. */
  public int hitProt() {
    return bySecond ? rights : first.hitProt();
  }

  /** Caches a page, see {@link Iotlb#fill}. */
  public void fill(int domain, long iova, int shift, long page, int prot) {
    first.fill(domain, iova, shift, page, prot);
    if (second != null) {
      second.fill(domain, iova, shift, page, prot);
    }
  }

  /** Drops every page of a domain that overlaps a range; returns the entries dropped. */
  public int invalidatePages(int domain, long pfn, long pages) {
    int dropped = first.invalidatePages(domain, pfn, pages);
    return second == null ? dropped : dropped + second.invalidatePages(domain, pfn, pages);
  }

  /** Drops every page of a domain; returns the entries dropped. */
  public int invalidateDomain(int domain) {
    int dropped = first.invalidateDomain(domain);
    return second == null ? dropped : dropped + second.invalidateDomain(domain);
  }
}
