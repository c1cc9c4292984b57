package dev.mapstorm.actors.model.pagetable;

import dev.mapstorm.protocol.Direction;

/**
 * The page table of one translated domain: levels of tables as its {@link PageTableFormat} says,
 * walked from the top, with leaves at every level whose page size the domain supports.
 *
 * <p>{@link #map} makes table pages on the way down. Page sizes are chosen as {@code __iommu_map}
 * and {@code __iommu_unmap} choose them ({@link PageSizes}); generic_pt comes to the same entries.
 * A large page that takes the place of an empty table frees it and needs an invalidation ({@code
 * switch_to_super_page}). When {@link #unmap} frees tables, and what becomes of an unmapping of
 * less than was mapped, is a matter of the format's {@link DriverRules}.
 *
 * <p>A page size that is not the size of a level (AMD v1 supports every power of two) is held at
 * the largest level below it, as {@code 2^n} equal entries that all name the page's first physical
 * address and its size.
 *
 * <p>Mapping what is mapped is refused and changes nothing. So do io-pgtable-arm ({@code -EEXIST})
 * and generic_pt ({@code -EADDRINUSE}); VT-d of Linux 6.12 logs it and keeps the old entry, AMD
 * overwrites it, and both rely on callers that make no such mistake.
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
  private final TableTree tree;
  private long mappedBytes;

  /** An empty table. */
  public PageTable(PageTableFormat format) {
    this.format = format;
    sizes = new PageSizes(format.pageSizes());
    tree = new TableTree(format);
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
    requireAligned(phys);
    runs.clear();
    if (format.maxLevels() > format.levels() && !format.rules().callsByPageSize()) {
      grow(iova, phys, size, runs);
    }
    long at = iova;
    long from = phys;
    long left = size;
    while (left != 0) {
      int shift = sizes.pageShift(at, from, left);
      runs.add(at, from, shift, sizes.pageCount(at, from, left, shift));
      if (!mapRun(runs.size() - 1, prot, runs)) {
        unroll(iova, runs.conflictIova());
        return MapResult.ALREADY_MAPPED;
      }
      long bytes = runs.count(runs.size() - 1) << shift;
      at += bytes;
      from += bytes;
      left -= bytes;
    }
    mappedBytes += size;
    return MapResult.MAPPED;
  }

  /**
   * Unmaps a range as {@code iommu_unmap} does.
   *
   * @param iova first I/O virtual address, granule aligned
   * @param size bytes, a positive multiple of the granule
   * @param runs is cleared, then told what was unmapped
   * @return bytes that Linux says were unmapped: {@code size} if the range was what was mapped. Of
   *     what it was not, see {@link DriverRules}; {@link UnmappedRuns#unmappedBytes} has what was
   *     indeed mapped and no longer is
   * @throws IllegalArgumentException if the range is unaligned, empty or beyond the table's width
   */
  public long unmap(long iova, long size, UnmappedRuns runs) {
    requireRange(iova, size);
    runs.clear();
    long done = 0;
    if (format.rules().callsByPageSize()) {
      done = unmapByPageSize(iova, size, runs);
    } else {
      GenericUnmapping.unmap(tree, iova, iova + size - 1, runs);
      for (int run = 0; run < runs.size(); run++) {
        done += runs.bytes(run);
      }
    }
    mappedBytes -= runs.unmappedBytes();
    return done;
  }

  /** {@code __iommu_unmap}: ends where the driver unmaps nothing. */
  private long unmapByPageSize(long iova, long size, UnmappedRuns runs) {
    long done = 0;
    while (done < size) {
      long at = iova + done;
      int shift = sizes.pageShift(at, at, size - done);
      long count = sizes.pageCount(at, at, size - done, shift);
      runs.add(at, shift, count);
      long bytes = unmapPages(at, shift, count, runs);
      runs.unmapped(bytes);
      if (bytes == 0) {
        break;
      }
      done += bytes;
    }
    return done;
  }

  /** The driver's {@code unmap_pages}. */
  private long unmapPages(long iova, int shift, long count, UnmappedRuns runs) {
    return switch (format.rules()) {
      case VTD -> VtdUnmapping.unmap(tree, iova, count << shift, runs);
      case AMD -> AmdUnmapping.unmap(tree, iova, count << shift, runs);
      case LPAE, LPAE_NO_SPLIT ->
          LpaeUnmapping.unmap(
              tree, iova, format.leafLevel(shift), count, format.rules() == DriverRules.LPAE, runs);
      case GENERIC_PT -> throw new IllegalStateException("generic_pt unmaps ranges");
    };
  }

  @Override
  public boolean walk(long iova, PageWalk walk) {
    if (iova < 0 || iova > tree.lastIova()) {
      return walk.absent(0);
    }
    int levels = tree.levels();
    int table = tree.top(iova);
    for (int level = levels; level > 0; level--) {
      long entry = tree.entry(table, tree.index(iova, level));
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

  @Override
  public int entryShift(int level) {
    return tree.entryShift(level);
  }

  /** Shows every live mapping to {@code visitor}, in ascending order of I/O virtual address. */
  public void forEachMapping(MappingVisitor visitor) {
    tree.forEachMapping(visitor);
  }

  /** Table pages that hang in the table now, its top included. */
  public int tablePages() {
    return tree.tables().inUse();
  }

  /** Mapped granules. */
  public long mappedPages() {
    return mappedBytes >>> format.granuleShift();
  }

  /** Live pages of any size, each counted once. */
  public long mappedLeaves() {
    return tree.mappedLeaves();
  }

  /** Its geometry. */
  public PageTableFormat format() {
    return format;
  }

  /** Levels of tables now: those of the format, or more if it has grown. */
  @Override
  public int levels() {
    return tree.levels();
  }

  /** The highest address that the levels can translate, when it has grown to all it can have. */
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

  private void requireAligned(long phys) {
    if ((phys & (1L << format.granuleShift()) - 1) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "unaligned: physical address 0x%x, smallest page 0x%x",
              phys, 1L << format.granuleShift()));
    }
  }

  /** generic_pt grows for the whole range before it maps any of it. */
  private void grow(long iova, long phys, long size, MappedRuns runs) {
    sizes.split(iova, phys, size, runs);
    int leafLevel = 1;
    for (int run = 0; run < runs.size(); run++) {
      leafLevel = Math.max(leafLevel, format.leafLevel(runs.pageShift(run)));
    }
    runs.clear();
    tree.grow(iova + size - 1, leafLevel, runs);
  }

  /**
   * The driver's {@code map_pages}: writes the pages of a run, or as many as one call of the driver
   * writes.
   *
   * @return false if something is mapped there; the conflict is noted, the pages before it are
   *     written
   */
  private boolean mapRun(int run, int prot, MappedRuns runs) {
    int shift = runs.pageShift(run);
    int level = format.leafLevel(shift);
    int replicas = 1 << shift - format.entryShift(level);
    long iova = runs.iova(run);
    if (format.maxLevels() > format.levels()) {
      tree.grow(iova + (runs.count(run) << shift) - 1, level, runs);
    }
    if (format.rules().callEndsWithTable()) {
      runs.shortenLast(Math.min(runs.count(run), tree.entries() - tree.index(iova, level)));
    }
    long count = runs.count(run);
    int replaced = runs.tablePagesReplaced();
    long entry = Pte.leaf(runs.phys(run), shift, prot);
    long done = 0;
    while (done < count) {
      int table = tree.tableFor(iova, level, runs);
      int index = tree.index(iova, level);
      if (table < 0) {
        runs.refuse(iova);
        return false;
      }
      long fitting = Math.min(count - done, (tree.entries() - index) / replicas);
      long tableEnd = iova + (fitting << shift);
      for (long last = done + fitting; done < last; done++) {
        if (!tree.vacant(table, index, replicas)) {
          runs.refuse(iova);
          return false;
        }
        replaceTables(table, index, replicas, level, iova, tableEnd, runs);
        for (int i = 0; i < replicas; i++) {
          tree.tables().set(table, index++, entry);
        }
        tree.countLeaves(1);
        entry += 1L << shift;
        iova += 1L << shift;
      }
    }
    if (format.rules() == DriverRules.AMD && runs.tablePagesReplaced() > replaced) {
      runs.addInvalidation(runs.iova(run), iova - 1);
    }
    runs.addPtesWritten(count * replicas);
    return true;
  }

  /** Frees the empty tables that the entries of one page lead to, and notes the invalidations. */
  private void replaceTables(
      int table, int index, int replicas, int level, long iova, long tableEnd, MappedRuns runs) {
    for (int i = 0; i < replicas; i++) {
      long entry = tree.entry(table, index + i);
      if (Pte.isTable(entry)) {
        long start = iova + ((long) i << format.entryShift(level));
        tree.releaseLeafless(Pte.table(entry), level - 1, start, runs);
        tree.tables().clear(table, index + i);
        long end = start + (1L << format.entryShift(level));
        switch (format.rules()) {
          case VTD -> runs.addInvalidation(start, tableEnd - (1L << format.granuleShift()));
          case AMD -> {}
          case LPAE, LPAE_NO_SPLIT -> runs.addInvalidation(start, end - 1);
          case GENERIC_PT -> runs.widenInvalidation(start, end - 1);
        }
      }
    }
  }

  /** Takes back the part of a refused mapping that was written, as {@code iommu_map} does. */
  private void unroll(long iova, long end) {
    if (end > iova) {
      UnmappedRuns undone = new UnmappedRuns();
      mappedBytes += end - iova;
      unmap(iova, end - iova, undone);
    }
  }
}
