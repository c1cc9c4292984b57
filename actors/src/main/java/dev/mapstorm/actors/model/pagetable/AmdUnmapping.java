package dev.mapstorm.actors.model.pagetable;

/** {@link DriverRules#AMD}: {@code iommu_v1_unmap_pages}, {@code iommu_v2_unmap_pages}. */
final class AmdUnmapping {
  private AmdUnmapping() {}

  /**
   * Clears page after page.
   *
   * @return bytes as the driver says
   */
  static long unmap(TableTree tree, long iova, long bytes, UnmappedRuns runs) {
    long at = iova;
    long done = 0;
    while (done < bytes) {
      long page = clearPage(tree, at, runs);
      if (page == 0) {
        break;
      }
      at = (at & -page) + page;
      done += page;
    }
    return done;
  }

  /**
   * Clears the page at an address.
   *
   * @return its bytes; those of a granule for an empty entry of the last level, 0 if there is no
   *     table ({@code fetch_pte})
   */
  private static long clearPage(TableTree tree, long iova, UnmappedRuns runs) {
    if (iova > tree.lastIova()) {
      return 0;
    }
    int table = tree.top(iova);
    for (int level = tree.levels(); ; level--) {
      int index = tree.index(iova, level);
      long entry = tree.entry(table, index);
      if (Pte.isLeaf(entry)) {
        tree.clearPage(table, index, level, runs);
        return 1L << Pte.leafShift(entry);
      }
      if (level == 1) {
        return 1L << tree.entryShift(1);
      }
      if (!Pte.isTable(entry)) {
        return 0;
      }
      table = Pte.table(entry);
    }
  }
}
