package dev.mapstorm.actors.model.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PageSizesTest {
  private static final long AMD_V1 = 549755809792L;
  private static final long K4 = 1L << 12;
  private static final long M2 = 1L << 21;

  private final PageSizes vtd = new PageSizes(PageSizes.VTD_4K_2M_1G);

  @Test
  void congruentRangeChangesToLargePagesAtTheirBoundaryAndBack() {
    assertThat(split(vtd, 0xffdff000L, 0x101ff000L, 4L << 20))
        .containsExactly(
            run(0xffdff000L, 0x101ff000L, K4, 1),
            run(0xffe00000L, 0x10200000L, M2, 1),
            run(0x100000000L, 0x10400000L, K4, 511));
  }

  @Test
  void incongruentRangeStaysWithSmallPages() {
    assertThat(split(vtd, 0xffc01000L, 0x10000000L, 4L << 20))
        .containsExactly(run(0xffc01000L, 0x10000000L, K4, 1024));
  }

  @Test
  void alignedRangeUsesOnlyLargePages() {
    assertThat(split(vtd, 0xffc00000L, 0x10000000L, 6L << 20))
        .containsExactly(run(0xffc00000L, 0x10000000L, M2, 3));
  }

  @Test
  void rangeTooShortForTheNextPageSizeIsOneRunAcrossItsBoundary() {
    assertThat(split(vtd, 0x1ff000, 0x3ff000, 0x201000 - 0x1000))
        .containsExactly(run(0x1ff000, 0x3ff000, K4, 512));
  }

  @Test
  void everyPowerOfTwoIsUsedWhereTheBitmapHasIt() {
    assertThat(split(new PageSizes(AMD_V1), 0x3000, 0x13000, 0xd000))
        .containsExactly(
            run(0x3000, 0x13000, 0x1000, 1),
            run(0x4000, 0x14000, 0x4000, 1),
            run(0x8000, 0x18000, 0x8000, 1));
  }

  @Test
  void unalignedRangeIsRefused() {
    assertThatThrownBy(() -> split(vtd, 0x1000, 0x2000, 0x1800))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unaligned: iova 0x1000 physical address 0x2000 size 0x1800");
  }

  @Test
  void largestPageSizeWhoseBoundaryLiesBeyondTheAddressSpaceIsNotWaitedFor() {
    PageSizes sizes = new PageSizes(1L << 12 | 1L << 63);
    assertThat(sizes.pageCount(0x1000, 0x1000, 0x5000, 12)).isEqualTo(5);
  }

  @Property
  void runsCoverTheRangeWithAlignedPagesAndNeverMissALargerOne(
      @ForAll("bitmaps") long bitmap, @ForAll("ranges") long[] range) {
    PageSizes sizes = new PageSizes(bitmap);
    long at = range[0];
    long from = range[1];
    long end = range[0] + range[2];
    for (long[] run : split(sizes, range[0], range[1], range[2])) {
      assertThat(run[0]).isEqualTo(at);
      assertThat(run[1]).isEqualTo(from);
      assertThat(bitmap & run[2]).isNotZero();
      for (long page = 0; page < run[3]; page++) {
        assertThat(run[2]).isEqualTo(largestFitting(bitmap, at, from, end - at));
        at += run[2];
        from += run[2];
      }
    }
    assertThat(at).isEqualTo(end);
  }

  @Provide
  Arbitrary<Long> bitmaps() {
    return Arbitraries.of(PageSizes.VTD_4K_2M_1G, AMD_V1, K4, K4 | M2, K4 | 1L << 16 | 1L << 25);
  }

  @Provide
  Arbitrary<long[]> ranges() {
    Arbitrary<Long> pages = Arbitraries.longs().between(0, 1L << 19);
    Arbitrary<Long> coarse = pages.map(page -> page & -512L);
    Arbitrary<Long> sizes = Arbitraries.longs().between(1, 3000);
    return Combinators.combine(
            Arbitraries.oneOf(pages, coarse), Arbitraries.oneOf(pages, coarse), sizes)
        .as((iova, phys, size) -> new long[] {iova << 12, phys << 12, size << 12});
  }

  /** Page by page, without counting ahead. */
  private static long largestFitting(long bitmap, long iova, long phys, long left) {
    for (int bit = 62; bit >= 0; bit--) {
      long size = 1L << bit;
      if ((bitmap & size) != 0 && size <= left && ((iova | phys) & size - 1) == 0) {
        return size;
      }
    }
    throw new AssertionError("no page size fits");
  }

  private static List<long[]> split(PageSizes sizes, long iova, long phys, long size) {
    MappedRuns runs = new MappedRuns();
    sizes.split(iova, phys, size, runs);
    List<long[]> list = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      list.add(run(runs.iova(i), runs.phys(i), runs.pageSize(i), runs.count(i)));
    }
    return list;
  }

  private static long[] run(long iova, long phys, long pageSize, long count) {
    return new long[] {iova, phys, pageSize, count};
  }
}
