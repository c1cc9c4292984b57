package dev.mapstorm.actors.model.pagetable;

/** {@link DriverRules#GENERIC_PT}: {@code __unmap_range}. */
final class GenericUnmapping {
  private final TableTree tree;
  private final long first;
  private final long last;
  private final UnmappedRuns runs;

  private GenericUnmapping(TableTree tree, long first, long last, UnmappedRuns runs) {
    this.tree = tree;
    this.first = first;
    this.last = last;
    this.runs = runs;
  }

  /** Clears an inclusive range, which is told to {@code runs} page by page. */
  static void unmap(TableTree tree, long first, long last, UnmappedRuns runs) {
    if (first > tree.lastIova()) {
      return;
    }
    GenericUnmapping range =
        new GenericUnmapping(tree, first, Math.min(last, tree.lastIova()), runs);
    for (int page = tree.topPage(first); page <= tree.topPage(range.last); page++) {
      long base = tree.topBase(page);
      if (!range.unmap(tree.top(base), tree.levels(), base)) {
        return;
      }
    }
  }

  /** False at a hole, or if the range begins inside a page. */
  private boolean unmap(int table, int level, long base) {
    int shift = tree.entryShift(level);
    long at = Math.max(first, base);
    int index = (int) (at - base >>> shift);
    int to = (int) Math.min(last - base >>> shift, tree.entries() - 1);
    if (Pte.isLeaf(tree.entry(table, index))
        && (at & (1L << Pte.leafShift(tree.entry(table, index))) - 1) != 0) {
      return false;
    }
    while (index <= to) {
      long entry = tree.entry(table, index);
      long start = base + ((long) index << shift);
      if (Pte.isLeaf(entry)) {
        tree.clearPage(table, index, level, runs);
        runs.addPage(start, Pte.leafShift(entry));
        index += tree.replicas(entry, level);
      } else if (!Pte.isTable(entry) || !unmap(Pte.table(entry), level - 1, start)) {
        return false;
      } else {
        if (first <= start && last >= start + (1L << shift) - 1) {
          tree.releaseAt(table, index, level - 1, start, runs);
        }
        index++;
      }
    }
    return true;
  }
}
