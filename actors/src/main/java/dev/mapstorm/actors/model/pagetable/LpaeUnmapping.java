package dev.mapstorm.actors.model.pagetable;

/** {@link DriverRules#LPAE}: {@code __arm_lpae_unmap}, {@code arm_lpae_split_blk_unmap}. */
final class LpaeUnmapping {
  private LpaeUnmapping() {}

  /**
   * Clears pages of one size up to the end of their table.
   *
   * @param leafLevel level of their entries
   * @param splits whether a larger block is split; else it is left, and nothing is unmapped
   * @return bytes as the driver says
   */
  static long unmap(
      TableTree tree, long iova, int leafLevel, long count, boolean splits, UnmappedRuns runs) {
    int table = tree.top(iova);
    for (int level = tree.levels(); level > leafLevel; level--) {
      int index = tree.index(iova, level);
      long entry = tree.entry(table, index);
      if (entry == 0) {
        return 0;
      }
      if (Pte.isLeaf(entry)) {
        return splits ? split(tree, table, index, level, iova, leafLevel, count, runs) : 0;
      }
      table = Pte.table(entry);
    }
    return clear(tree, table, leafLevel, iova, count, runs);
  }

  private static long clear(
      TableTree tree, int table, int level, long iova, long count, UnmappedRuns runs) {
    int first = tree.index(iova, level);
    int last = (int) Math.min(first + count, tree.entries());
    int index = first;
    for (; index < last; index++) {
      long entry = tree.entry(table, index);
      if (entry == 0) {
        break;
      }
      if (Pte.isLeaf(entry)) {
        tree.clearPage(table, index, level, runs);
      } else {
        long start = iova + ((long) (index - first) << tree.entryShift(level));
        tree.releaseAt(table, index, level - 1, start, runs);
      }
    }
    return (long) (index - first) << tree.entryShift(level);
  }

  /** Puts a table where a block is, which maps the rest of it. */
  private static long split(
      TableTree tree,
      int table,
      int index,
      int level,
      long iova,
      int leafLevel,
      long count,
      UnmappedRuns runs) {
    long block = tree.entry(table, index);
    int below = level - 1;
    int shift = tree.entryShift(below);
    int from = tree.index(iova, below);
    int to = below == leafLevel ? (int) Math.min(from + count, tree.entries()) : from;
    int made = tree.tables().allocate();
    for (int i = 0; i < tree.entries(); i++) {
      if (i < from || i >= to) {
        long phys = Pte.phys(block) + ((long) i << shift);
        tree.tables().set(made, i, Pte.leaf(phys, shift, Pte.prot(block)));
      }
    }
    tree.tables().clear(table, index);
    tree.tables().set(table, index, Pte.table(made));
    int rest = tree.entries() - (to - from);
    tree.countLeaves(rest - 1);
    runs.addSplit(rest);
    long first = iova >>> tree.entryShift(level) << tree.entryShift(level);
    runs.addTableMade(below, first);
    if (below == leafLevel) {
      runs.addEntries(to - from, shift);
      return (long) (to - from) << shift;
    }
    return split(tree, made, from, below, iova, leafLevel, count, runs);
  }
}
