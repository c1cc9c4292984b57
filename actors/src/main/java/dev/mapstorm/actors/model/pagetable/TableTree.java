package dev.mapstorm.actors.model.pagetable;

/**
 * The tables of one page table and how they hang together: walking down, filling entries, clearing
 * entries, freeing tables. Knows no driver's rules. Not thread safe.
 *
 * <p>The pages of a concatenated top are tables side by side, each for its own part of the address
 * space, so below {@link #top} every table has as many entries as one page holds.
 */
final class TableTree {
  private final PageTableFormat format;
  private final TablePages tables;
  private final int entries;
  private int levels;
  private int root;
  private long mappedLeaves;

  TableTree(PageTableFormat format) {
    this.format = format;
    levels = format.levels();
    tables = new TablePages(format.indexBits());
    entries = tables.entries();
    root = tables.allocate();
    for (int page = 1; page < format.topPages(); page++) {
      tables.allocate();
    }
  }

  TablePages tables() {
    return tables;
  }

  /** Entries of a table page. */
  int entries() {
    return entries;
  }

  /** Levels that there are now. */
  int levels() {
    return levels;
  }

  /** Live pages of any size, each counted once. */
  long mappedLeaves() {
    return mappedLeaves;
  }

  void countLeaves(long more) {
    mappedLeaves += more;
  }

  /** The highest address that the levels there are now can translate. */
  long lastIova() {
    if (levels == format.maxLevels()) {
      return (1L << format.addressBits()) - 1;
    }
    return (1L << entryShift(levels) + format.indexBits()) - 1;
  }

  /** The top table, or the page of it, that an address within the width begins at. */
  int top(long iova) {
    return root + topPage(iova);
  }

  /** Number of the page of the top that has an address. */
  int topPage(long iova) {
    return (int) (iova >>> entryShift(levels) + format.indexBits());
  }

  /** First address of a page of the top. */
  long topBase(int page) {
    return (long) page << entryShift(levels) + format.indexBits();
  }

  int topPages() {
    return format.topPages();
  }

  int index(long iova, int level) {
    return (int) (iova >>> entryShift(level)) & entries - 1;
  }

  int entryShift(int level) {
    return format.entryShift(level);
  }

  long entry(int table, int index) {
    return tables.entry(table, index);
  }

  /**
   * Adds tops until an address can be translated and a leaf level has a table ({@code
   * increase_address_space} of AMD): the old top becomes the first table of the new one.
   */
  void grow(long lastIova, int leafLevel, MappedRuns runs) {
    while (lastIova > lastIova() || levels < leafLevel) {
      int top = tables.allocate();
      tables.set(top, 0, Pte.table(root));
      root = top;
      levels++;
      runs.addTopAdded();
      runs.addTableMade(levels, 0);
    }
  }

  /** The table of {@code level} for an address, made if need be; -1 if a leaf is in the way. */
  int tableFor(long iova, int level, MappedRuns runs) {
    int table = top(iova);
    for (int at = levels; at > level; at--) {
      int index = index(iova, at);
      long entry = tables.entry(table, index);
      if (Pte.isLeaf(entry)) {
        return -1;
      }
      if (!Pte.isTable(entry)) {
        int made = tables.allocate();
        runs.addTableMade(at - 1, iova >>> entryShift(at) << entryShift(at));
        entry = Pte.table(made);
        tables.set(table, index, entry);
      }
      table = Pte.table(entry);
    }
    return table;
  }

  /** Whether entries for one page are empty or lead to tables without a leaf. */
  boolean vacant(int table, int index, int replicas) {
    for (int i = 0; i < replicas; i++) {
      long entry = tables.entry(table, index + i);
      if (Pte.isLeaf(entry) || Pte.isTable(entry) && !tables.leafless(Pte.table(entry))) {
        return false;
      }
    }
    return true;
  }

  /** Frees the leafless table of {@code level} that an entry leads to, and all below it. */
  void releaseLeafless(int table, int level, long base, MappedRuns runs) {
    runs.addTableFreed(level, base);
    int left = tables.present(table);
    for (int index = 0; left > 0; index++) {
      long entry = tables.entry(table, index);
      if (entry != 0) {
        left--;
        long start = base + ((long) index << entryShift(level));
        releaseLeafless(Pte.table(entry), level - 1, start, runs);
      }
    }
    tables.release(table);
  }

  /** Clears all entries of the page that the leaf entry at an index is part of. */
  void clearPage(int table, int index, int level, UnmappedRuns runs) {
    int replicas = replicas(tables.entry(table, index), level);
    int first = index & -replicas;
    for (int i = 0; i < replicas; i++) {
      tables.clear(table, first + i);
    }
    mappedLeaves--;
    runs.addEntries(replicas, entryShift(level));
  }

  /** Equal entries side by side that hold the page of a leaf entry of a level. */
  int replicas(long entry, int level) {
    return 1 << Pte.leafShift(entry) - entryShift(level);
  }

  /** Clears the entry that leads to a table of {@code level}, and frees all from that down. */
  void releaseAt(int parent, int index, int level, long base, UnmappedRuns runs) {
    release(Pte.table(tables.entry(parent, index)), level, base, runs);
    tables.clear(parent, index);
  }

  /** Frees a table with all below it, mapped or not ({@code dma_pte_list_pagetables}). */
  private void release(int table, int level, long base, UnmappedRuns runs) {
    runs.addTableFreed(level, base);
    int shift = entryShift(level);
    int left = tables.present(table);
    for (int index = 0; left > 0; index++) {
      long entry = tables.entry(table, index);
      if (entry == 0) {
        continue;
      }
      left--;
      if (Pte.isTable(entry)) {
        release(Pte.table(entry), level - 1, base + ((long) index << shift), runs);
      } else {
        if ((index & replicas(entry, level) - 1) == 0) {
          mappedLeaves--;
        }
        runs.addEntries(1, shift);
      }
    }
    tables.release(table);
  }

  /** Shows every live mapping, in ascending order of I/O virtual address. */
  void forEachMapping(MappingVisitor visitor) {
    for (int page = 0; page < topPages(); page++) {
      visit(root + page, levels, topBase(page), visitor);
    }
  }

  private void visit(int table, int level, long base, MappingVisitor visitor) {
    int shift = entryShift(level);
    int left = tables.present(table);
    for (int index = 0; left > 0; index++) {
      long entry = tables.entry(table, index);
      if (entry == 0) {
        continue;
      }
      left--;
      long start = base + ((long) index << shift);
      if (Pte.isTable(entry)) {
        visit(Pte.table(entry), level - 1, start, visitor);
      } else if ((start & (1L << Pte.leafShift(entry)) - 1) == 0) {
        visitor.page(start, Pte.phys(entry), Pte.leafShift(entry), Pte.prot(entry));
      }
    }
  }
}
