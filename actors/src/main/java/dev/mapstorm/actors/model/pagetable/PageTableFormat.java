package dev.mapstorm.actors.model.pagetable;

/**
 * The geometry of a page table and whose code writes it: {@code struct io_pgtable_cfg} of Linux, or
 * the template parameters of generic_pt. Every format that Linux has is made by a method of this
 * class.
 *
 * <p>Levels are counted from the leaves: level 1 holds entries of the granule.
 *
 * @param granuleShift base-two logarithm of the bytes of a smallest page and of a table: 12, 14 or
 *     16
 * @param levels of tables of an empty table, 2 to 6
 * @param maxLevels that it can grow to: {@code levels} unless it is AMD v1
 * @param topBits bits of an address that the top table translates when there are {@code maxLevels}:
 *     1 up to 4 more than a table page has; more than a page has are concatenated pages
 * @param pageSizes bitmap of the page sizes that entries can have, in bytes; it holds the granule
 * @param rules whose code it is
 */
public record PageTableFormat(
    int granuleShift, int levels, int maxLevels, int topBits, long pageSizes, DriverRules rules) {
  /** 4 KiB, 2 MiB and 1 GiB pages in 4 levels: second stage of VT-d. */
  public static final PageTableFormat VTD_4_LEVELS = vtd(4, PageSizes.VTD_4K_2M_1G);

  /** All page sizes of AMD v1: powers of two from 4 KiB to 2^51, without 512 GiB. */
  public static final long AMD_V1_SIZES = (1L << 52) - 1 & -1L << 12 & ~(1L << 39);

  private static final int ENTRY_SHIFT = 3;
  private static final int MAX_CONCATENATED_BITS = 4;
  private static final int AMD_V1_LEVELS = 3;
  private static final int AMD_V1_MAX_LEVELS = 6;
  private static final int K64_SHIFT = 16;

  /** Refuses what no table can hold. */
  public PageTableFormat {
    if (granuleShift < 12 || granuleShift > 16) {
      throw new IllegalArgumentException("a granule has 2^12 to 2^16 bytes, not 2^" + granuleShift);
    }
    if (levels < 2 || levels > 6) {
      throw new IllegalArgumentException("a page table has 2 to 6 levels, not " + levels);
    }
    if (maxLevels < levels || maxLevels > 6) {
      throw new IllegalArgumentException(
          "a page table of %d levels grows to %1$d to 6, not %d".formatted(levels, maxLevels));
    }
    int pageBits = granuleShift - ENTRY_SHIFT;
    if (topBits < 1 || topBits > pageBits + MAX_CONCATENATED_BITS) {
      throw new IllegalArgumentException(
          "a top table translates 1 to %d bits, not %d"
              .formatted(pageBits + MAX_CONCATENATED_BITS, topBits));
    }
    if (topBits != pageBits && maxLevels != levels) {
      throw new IllegalArgumentException("a table that grows has tops of one page");
    }
    if (Long.numberOfTrailingZeros(pageSizes) != granuleShift) {
      throw new IllegalArgumentException(
          "the smallest page of a page table is its granule of 2^%d bytes, not 2^%d"
              .formatted(granuleShift, Long.numberOfTrailingZeros(pageSizes)));
    }
    int bits = addressBits(granuleShift, maxLevels, topBits);
    int largest = 63 - Long.numberOfLeadingZeros(pageSizes);
    if (largest >= bits) {
      throw new IllegalArgumentException(
          "pages of 2^%d bytes do not fit a table that translates %d bits"
              .formatted(largest, bits));
    }
  }

  /** A table of whole pages that does not grow. */
  private static PageTableFormat of(
      int granuleShift, int levels, long pageSizes, DriverRules rules) {
    return new PageTableFormat(
        granuleShift, levels, levels, granuleShift - ENTRY_SHIFT, pageSizes, rules);
  }

  /** A full page-size bitmap of x86: 4 KiB, 2 MiB if {@code m2}, 1 GiB if {@code g1}. */
  private static long x86Sizes(boolean m2, boolean g1) {
    return 1L << 12 | (m2 ? 1L << 21 : 0) | (g1 ? 1L << 30 : 0);
  }

  /**
   * VT-d of Linux 6.12, second or first stage.
   *
   * @param levels 4 or 5 ({@code AGAW})
   * @param pageSizes 4 KiB, and 2 MiB and 1 GiB as SSLPS or FS1GP allow
   */
  public static PageTableFormat vtd(int levels, long pageSizes) {
    return of(12, levels, pageSizes, DriverRules.VTD);
  }

  /** AMD v1 of Linux 6.12: 3 levels that grow to 6, all of {@link #AMD_V1_SIZES} or some. */
  public static PageTableFormat amdV1(long pageSizes) {
    return new PageTableFormat(
        12, AMD_V1_LEVELS, AMD_V1_MAX_LEVELS, 12 - ENTRY_SHIFT, pageSizes, DriverRules.AMD);
  }

  /** AMD v2 of Linux 6.12, which is x86-64's: 4 or 5 levels. */
  public static PageTableFormat amdV2(int levels) {
    return of(12, levels, x86Sizes(true, true), DriverRules.AMD);
  }

  /**
   * Stage 1 of SMMU ({@code arm_64_lpae_alloc_pgtable_s1}).
   *
   * @param granuleShift 12, 14 or 16
   * @param inputBits {@code ias}: of an address, 21 to 52
   * @param outputBits {@code oas}: more than 48 gives 64 KiB tables blocks of 4 TiB
   */
  public static PageTableFormat lpaeStage1(int granuleShift, int inputBits, int outputBits) {
    int indexBits = granuleShift - ENTRY_SHIFT;
    int bits = inputBits - granuleShift;
    int levels = (bits + indexBits - 1) / indexBits;
    return new PageTableFormat(
        granuleShift,
        levels,
        levels,
        bits - indexBits * (levels - 1),
        lpaeSizes(granuleShift, inputBits, outputBits),
        DriverRules.LPAE);
  }

  /**
   * Stage 2 of SMMU in Linux 6.12 ({@code arm_64_lpae_alloc_pgtable_s2}): up to 16 top tables side
   * by side in place of a fourth level.
   */
  public static PageTableFormat lpaeStage2(int granuleShift, int inputBits, int outputBits) {
    PageTableFormat stage1 = lpaeStage1(granuleShift, inputBits, outputBits);
    if (stage1.levels < 4 || stage1.topBits > MAX_CONCATENATED_BITS) {
      return stage1;
    }
    int levels = stage1.levels - 1;
    return new PageTableFormat(
        granuleShift,
        levels,
        levels,
        stage1.topBits + stage1.indexBits(),
        stage1.pageSizes,
        DriverRules.LPAE);
  }

  /** {@code arm_lpae_restrict_pgsizes} for a CPU whose pages are of the granule. */
  private static long lpaeSizes(int granuleShift, int inputBits, int outputBits) {
    int block = granuleShift + granuleShift - ENTRY_SHIFT;
    long sizes = 1L << granuleShift | 1L << block;
    int larger = block + granuleShift - ENTRY_SHIFT;
    boolean hasLarger = granuleShift == 12 || granuleShift == K64_SHIFT && outputBits > 48;
    return hasLarger && larger < inputBits ? sizes | 1L << larger : sizes;
  }

  /** VT-d of Linux 7.2, second stage ({@code vtdss}). */
  public static PageTableFormat genericVtd(int levels, long pageSizes) {
    return of(12, levels, pageSizes, DriverRules.GENERIC_PT);
  }

  /** x86-64 of Linux 7.2, 4 or 5 levels: first stage of VT-d, v2 of AMD. */
  public static PageTableFormat genericX86(int levels) {
    return of(12, levels, x86Sizes(true, true), DriverRules.GENERIC_PT);
  }

  /** AMD v1 of Linux 7.2. */
  public static PageTableFormat genericAmdV1(long pageSizes) {
    return amdV1(pageSizes).with(DriverRules.GENERIC_PT);
  }

  /**
   * RISC-V: Sv39, Sv48 or Sv57, with leaves at every level.
   *
   * @param levels 3, 4 or 5
   * @param svnapot whether there are pages of 64 KiB, 16 equal entries each
   */
  public static PageTableFormat riscv(int levels, boolean svnapot) {
    long sizes = svnapot ? 1L << 16 : 0;
    for (int level = 0; level < levels; level++) {
      sizes |= 1L << 12 + 9 * level;
    }
    return of(12, levels, sizes, DriverRules.GENERIC_PT);
  }

  /** The same geometry, written by other code. */
  public PageTableFormat with(DriverRules others) {
    return new PageTableFormat(granuleShift, levels, maxLevels, topBits, pageSizes, others);
  }

  /** Bits of an address that one level below the top translates: an entry has 8 bytes. */
  public int indexBits() {
    return granuleShift - ENTRY_SHIFT;
  }

  /** Bits of an address that the levels translate together, with the granule's own. */
  public int addressBits() {
    return addressBits(granuleShift, maxLevels, topBits);
  }

  /** Pages that the top table has: more than 1 if it is concatenated. */
  public int topPages() {
    return 1 << Math.max(0, topBits - indexBits());
  }

  private static int addressBits(int granuleShift, int levels, int topBits) {
    return Math.min(63, granuleShift + (levels - 1) * (granuleShift - ENTRY_SHIFT) + topBits);
  }

  /** Level whose entries hold pages of {@code 2^pageShift} bytes. */
  public int leafLevel(int pageShift) {
    return 1 + (pageShift - granuleShift) / indexBits();
  }

  /** Base-two logarithm of the bytes that one entry of {@code level} maps. */
  public int entryShift(int level) {
    return granuleShift + (level - 1) * indexBits();
  }
}
