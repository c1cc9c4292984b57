package dev.mapstorm.actors.model.pagetable;

/** What a unit walks to translate an address: a page table, whatever its form. */
public interface Translation {
  /**
   * Translates one address as the hardware does, without any cache.
   *
   * @param iova any I/O virtual address
   * @param walk is told the result
   * @return {@link PageWalk#present}
   */
  boolean walk(long iova, PageWalk walk);

  /** Levels of tables that it has now. */
  int levels();

  /**
   * Base-two logarithm of the bytes that an entry of a level covers.
   *
   * @param level from 1, the lowest, to {@link #levels}
   */
  int entryShift(int level);
}
