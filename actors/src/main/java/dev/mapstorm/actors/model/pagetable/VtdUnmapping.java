package dev.mapstorm.actors.model.pagetable;

/** {@link DriverRules#VTD}: {@code intel_iommu_unmap}, {@code domain_unmap}. */
final class VtdUnmapping {
  private VtdUnmapping() {}

  /**
   * Clears what a driver call covers. Where its start is inside a large page, Linux takes that
   * page's data for a table; here the data is taken to hold no entry.
   *
   * @return bytes as the driver says
   */
  static long unmap(TableTree tree, long iova, long bytes, UnmappedRuns runs) {
    long cleared = Math.max(bytes, 1L << tree.entryShift(endLevel(tree, iova)));
    long last = Math.min(iova + cleared - 1, tree.lastIova());
    for (int page = tree.topPage(iova); page <= tree.topPage(last); page++) {
      long base = tree.topBase(page);
      clear(tree, tree.top(base), tree.levels(), base, iova, last, runs);
    }
    return cleared;
  }

  /** {@code pfn_to_dma_pte} with level 0: the level of the first entry that leads no further. */
  private static int endLevel(TableTree tree, long iova) {
    int table = tree.top(iova);
    for (int level = tree.levels(); level > 1; level--) {
      long entry = tree.entry(table, tree.index(iova, level));
      if (!Pte.isTable(entry)) {
        return level;
      }
      table = Pte.table(entry);
    }
    return 1;
  }

  /** {@code dma_pte_clear_level}: clears what lies in the inclusive range first..last. */
  private static void clear(
      TableTree tree, int table, int level, long base, long first, long last, UnmappedRuns runs) {
    int shift = tree.entryShift(level);
    int from = first <= base ? 0 : (int) (first - base >>> shift);
    int to = (int) Math.min(last - base >>> shift, tree.entries() - 1);
    for (int index = from; index <= to; index++) {
      long entry = tree.entry(table, index);
      if (entry == 0) {
        continue;
      }
      long start = base + ((long) index << shift);
      if (Pte.isLeaf(entry)) {
        long pageBytes = 1L << Pte.leafShift(entry);
        long page = start & -pageBytes;
        if (page >= first && page + pageBytes - 1 <= last) {
          tree.clearPage(table, index, level, runs);
        }
      } else if (first <= start && last >= start + (1L << shift) - 1) {
        tree.releaseAt(table, index, level - 1, start, runs);
      } else {
        clear(tree, Pte.table(entry), level - 1, start, first, last, runs);
      }
    }
  }
}
