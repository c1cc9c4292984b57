package dev.mapstorm.actors.model.pagetable;

/** Result of {@link PageTable#walk}, made once and used again for every walk. Not thread safe. */
public final class PageWalk {
  private boolean present;
  private long phys;
  private int levelsRead;
  private int pageShift;
  private int prot;

  /** Physical address of the byte that was asked for; 0 if not present. */
  public long phys() {
    return phys;
  }

  /**
   * Page-table entries read, the one that ended the walk included; 0 if the address is beyond the
   * table's width.
   */
  public int levelsRead() {
    return levelsRead;
  }

  /** Base-two logarithm of the size of the page found; 0 if not present. */
  public int pageShift() {
    return pageShift;
  }

  /**
   * {@link PageTable#READ} and {@link PageTable#WRITE} as the page was mapped; 0 if not present.
   */
  public int prot() {
    return prot;
  }

  boolean found(long entry, long iova, int levels) {
    present = true;
    pageShift = Pte.leafShift(entry);
    phys = Pte.phys(entry) | iova & (1L << pageShift) - 1;
    prot = Pte.prot(entry);
    levelsRead = levels;
    return true;
  }

  /**
   * Notes that there is no page.
   *
   * @param levels entries read
   * @return false
   */
  public boolean absent(int levels) {
    present = false;
    pageShift = 0;
    phys = 0;
    prot = 0;
    levelsRead = levels;
    return false;
  }
}
