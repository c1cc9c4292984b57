package dev.mapstorm.actors.model.pagetable;

import dev.mapstorm.protocol.Direction;

/**
 * The page table of one translated domain: levels of tables as its {@link PageTableFormat} says,
 * walked from the top, with leaves at every level whose page size the domain supports.
 *
 * <p>Structure follows VT-d in Linux 6.12 ({@code drivers/iommu/intel/iommu.c}): {@link #map} makes
 * table pages on the way down ({@code pfn_to_dma_pte}); {@link #unmap} takes a table page away only
 * when one run of it covers all that the table can map ({@code dma_pte_clear_level}), so that 4 KiB
 * unmappings leave their tables behind; a large page that takes the place of an empty table frees
 * it and needs an invalidation ({@code switch_to_super_page}). Page sizes are chosen as {@code
 * __iommu_map} and {@code __iommu_unmap} choose them ({@link PageSizes}).
 *
 * <p>A page size that is not the size of a level (AMD v1 supports every power of two) is held at
 * the largest level below it, as {@code 2^n} equal entries that all name the page's first physical
 * address and its size.
 *
 * <p>Where Linux relies on callers that make no mistake, this reports: mapping what is mapped is
 * refused and changes nothing (io-pgtable drivers answer {@code -EEXIST}, VT-d logs and keeps the
 * old entry); a large page is never split (VT-d unmaps all of it).
 *
 * <p>Addresses and sizes are bytes. Nothing is allocated by an operation except to grow storage.
 * Not thread safe.
 */
public final class PageTable implements Translation {
  /** The device may read ({@code IOMMU_READ}). */
  public static final int READ = 1;

  /** The device may write ({@code IOMMU_WRITE}). */
  public static final int WRITE = 2;

  static final int READ_WRITE = READ | WRITE;

  private final PageTableFormat format;
  private final PageSizes sizes;
  private final int levels;
  private final TablePages tables;
  private final int root;
  private long mappedBytes;
  private long mappedLeaves;

  /** An empty table. */
  public PageTable(PageTableFormat format) {
    this.format = format;
    sizes = new PageSizes(format.pageSizes());
    levels = format.levels();
    tables = new TablePages(format.indexBits());
    root = tables.allocate();
  }

  /**
   * The rights that a transfer in a direction needs: {@code dma_info_to_prot} of
   * drivers/iommu/dma-iommu.c gives its pages no others.
   */
  public static int rights(Direction direction) {
    return switch (direction) {
      case TO_DEVICE -> READ;
      case FROM_DEVICE -> WRITE;
      case BIDIRECTIONAL -> READ_WRITE;
    };
  }

  /**
   * Maps a physically contiguous range.
   *
   * @param iova first I/O virtual address, granule aligned
   * @param phys first physical address, granule aligned, below {@code 2^52}
   * @param size bytes, a positive multiple of the granule
   * @param prot {@link #READ}, {@link #WRITE} or both
   * @param runs is cleared, then told the runs of pages written; of a refused mapping it holds only
   *     the conflict and the table pages allocated before it was met
   * @throws IllegalArgumentException if the range is unaligned, empty or beyond the table's width
   */
  public MapResult map(long iova, long phys, long size, int prot, MappedRuns runs) {
    requireRange(iova, size);
    if (phys < 0 || phys >= 1L << Pte.PHYS_BITS || size > (1L << Pte.PHYS_BITS) - phys) {
      throw new IllegalArgumentException(
          String.format("physical range 0x%x + 0x%x is beyond %d bits", phys, size, Pte.PHYS_BITS));
    }
    if (prot < READ || prot > READ_WRITE) {
      throw new IllegalArgumentException("a mapping is readable, writable or both, not " + prot);
    }
    runs.clear();
    sizes.split(iova, phys, size, runs);
    for (int run = 0; run < runs.size(); run++) {
      long mapped = mapRun(run, prot, runs);
      if (mapped < runs.count(run)) {
        long conflict = runs.iova(run) + (mapped << runs.pageShift(run));
        unroll(iova, conflict);
        runs.refuse(conflict);
        return MapResult.ALREADY_MAPPED;
      }
    }
    mappedBytes += size;
    return MapResult.MAPPED;
  }

  /**
   * Unmaps a range. It is gone through to its end whatever is found in it.
   *
   * @param iova first I/O virtual address, granule aligned
   * @param size bytes, a positive multiple of the granule
   * @param runs is cleared, then told what was unmapped
   * @throws IllegalArgumentException if the range is unaligned, empty or beyond the table's width
   */
  public UnmapResult unmap(long iova, long size, UnmappedRuns runs) {
    requireRange(iova, size);
    runs.clear();
    long at = iova;
    long left = size;
    while (left != 0) {
      int shift = sizes.pageShift(at, at, left);
      long bytes = sizes.pageCount(at, at, left, shift) << shift;
      runs.add(at, bytes);
      clear(root, levels, 0, at, at + bytes - 1, runs);
      at += bytes;
      left -= bytes;
    }
    mappedBytes -= runs.unmappedBytes();
    if (runs.splitsLargePage()) {
      return UnmapResult.SPLITS_LARGE_PAGE;
    }
    return runs.unmappedBytes() == size ? UnmapResult.UNMAPPED : UnmapResult.NOT_MAPPED;
  }

  @Override
  public boolean walk(long iova, PageWalk walk) {
    if (iova < 0 || iova > lastIova()) {
      return walk.absent(0);
    }
    int table = root;
    for (int level = levels; level > 0; level--) {
      long entry = tables.entry(table, index(iova, level));
      int levelsRead = levels - level + 1;
      if (Pte.isLeaf(entry)) {
        return walk.found(entry, iova, levelsRead);
      }
      if (!Pte.isTable(entry)) {
        return walk.absent(levelsRead);
      }
      table = Pte.table(entry);
    }
    throw new IllegalStateException("a table hangs below the last level");
  }

  /** Shows every live mapping to {@code visitor}, in ascending order of I/O virtual address. */
  public void forEachMapping(MappingVisitor visitor) {
    visit(root, levels, 0, visitor);
  }

  /** Table pages that hang in the table now, its top included. */
  public int tablePages() {
    return tables.inUse();
  }

  /** Mapped granules. */
  public long mappedPages() {
    return mappedBytes >>> format.granuleShift();
  }

  /** Live pages of any size, each counted once. */
  public long mappedLeaves() {
    return mappedLeaves;
  }

  /** Its geometry. */
  public PageTableFormat format() {
    return format;
  }

  /** The highest address that the levels can translate. */
  public long lastIova() {
    return (1L << format.addressBits()) - 1;
  }

  private void requireRange(long iova, long size) {
    if (size <= 0 || iova < 0 || iova > lastIova() || size - 1 > lastIova() - iova) {
      throw new IllegalArgumentException(
          String.format(
              "range 0x%x + 0x%x is empty or beyond the table's last address 0x%x",
              iova, size, lastIova()));
    }
    if (((iova | size) & (1L << format.granuleShift()) - 1) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "range 0x%x + 0x%x is not %d KiB aligned",
              iova, size, 1L << format.granuleShift() >>> 10));
    }
  }

  /** Writes the pages of one run; returns how many were written before a conflict. */
  private long mapRun(int run, int prot, MappedRuns runs) {
    int shift = runs.pageShift(run);
    int above = shift - format.granuleShift();
    int level = 1 + above / format.indexBits();
    int replicas = 1 << above % format.indexBits();
    long count = runs.count(run);
    long iova = runs.iova(run);
    long entry = Pte.leaf(runs.phys(run), shift, prot);
    long done = 0;
    while (done < count) {
      int table = tableFor(iova, level, runs);
      if (table < 0) {
        break;
      }
      int index = index(iova, level);
      long fitting = Math.min(count - done, (tables.entries() - index) / replicas);
      long lastPage = iova + (fitting << shift) - (1L << format.granuleShift());
      for (long end = done + fitting; done < end; done++) {
        if (!vacate(table, index, replicas, level, iova, lastPage, runs)) {
          runs.addPtesWritten(done * replicas);
          return done;
        }
        for (int i = 0; i < replicas; i++) {
          tables.set(table, index++, entry);
        }
        mappedLeaves++;
        entry += 1L << shift;
        iova += 1L << shift;
      }
    }
    runs.addPtesWritten(done * replicas);
    return done;
  }

  /** The table of {@code level} for an address, made if need be; -1 if a leaf is in the way. */
  private int tableFor(long iova, int level, MappedRuns runs) {
    int table = root;
    for (int at = levels; at > level; at--) {
      int index = index(iova, at);
      long entry = tables.entry(table, index);
      if (Pte.isLeaf(entry)) {
        return -1;
      }
      if (!Pte.isTable(entry)) {
        int made = tables.allocate();
        runs.addTablePageAllocated();
        entry = Pte.table(made);
        tables.set(table, index, entry);
      }
      table = Pte.table(entry);
    }
    return table;
  }

  /**
   * Makes room for one page: true if its entries are empty or lead to tables without a leaf, which
   * are then freed.
   */
  private boolean vacate(
      int table, int index, int replicas, int level, long iova, long lastPage, MappedRuns runs) {
    for (int i = 0; i < replicas; i++) {
      long entry = tables.entry(table, index + i);
      if (Pte.isLeaf(entry) || Pte.isTable(entry) && !tables.leafless(Pte.table(entry))) {
        return false;
      }
    }
    for (int i = 0; i < replicas; i++) {
      long entry = tables.entry(table, index + i);
      if (Pte.isTable(entry)) {
        long start = iova + ((long) i << entryShift(level));
        runs.addReplaced(start, lastPage, tables.releaseLeafless(Pte.table(entry)));
        tables.clear(table, index + i);
      }
    }
    return true;
  }

  /** Takes back the part of a refused mapping that was written, as {@code __iommu_map} does. */
  private void unroll(long iova, long end) {
    if (end > iova) {
      UnmappedRuns undone = new UnmappedRuns();
      undone.add(iova, end - iova);
      clear(root, levels, 0, iova, end - 1, undone);
    }
  }

  /** {@code dma_pte_clear_level}: clears what lies in the inclusive range first..last. */
  private void clear(int table, int level, long base, long first, long last, UnmappedRuns runs) {
    int shift = entryShift(level);
    int from = first <= base ? 0 : (int) (first - base >>> shift);
    int to = (int) Math.min(last - base >>> shift, tables.entries() - 1);
    for (int index = from; index <= to; index++) {
      long entry = tables.entry(table, index);
      if (entry == 0) {
        continue;
      }
      long start = base + ((long) index << shift);
      if (Pte.isLeaf(entry)) {
        clearLeaf(table, index, entry, start, shift, first, last, runs);
      } else if (first <= start && last >= start + (1L << shift) - 1) {
        release(Pte.table(entry), level - 1, runs);
        tables.clear(table, index);
      } else {
        clear(Pte.table(entry), level - 1, start, first, last, runs);
      }
    }
  }

  private void clearLeaf(
      int table,
      int index,
      long entry,
      long start,
      int shift,
      long first,
      long last,
      UnmappedRuns runs) {
    long pageBytes = 1L << Pte.leafShift(entry);
    long page = start & -pageBytes;
    if (page < first || page + pageBytes - 1 > last) {
      runs.refuseSplit();
      return;
    }
    tables.clear(table, index);
    if (page == start) {
      mappedLeaves--;
    }
    runs.addLeaf(1L << shift);
  }

  /** Frees a table with all below it ({@code dma_pte_list_pagetables}). */
  private void release(int table, int level, UnmappedRuns runs) {
    int shift = entryShift(level);
    int left = tables.present(table);
    for (int index = 0; left > 0; index++) {
      long entry = tables.entry(table, index);
      if (entry == 0) {
        continue;
      }
      left--;
      if (Pte.isTable(entry)) {
        release(Pte.table(entry), level - 1, runs);
      } else {
        int replicas = 1 << Pte.leafShift(entry) - shift;
        if ((index & replicas - 1) == 0) {
          mappedLeaves--;
        }
        runs.addLeaf(1L << shift);
      }
    }
    tables.release(table);
    runs.addTablePage();
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

  private int index(long iova, int level) {
    return (int) (iova >>> entryShift(level)) & tables.entries() - 1;
  }

  private int entryShift(int level) {
    return format.entryShift(level);
  }
}
