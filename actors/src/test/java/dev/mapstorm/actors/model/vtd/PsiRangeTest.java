package dev.mapstorm.actors.model.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PsiRangeTest {
  private final PsiRange range = new PsiRange();

  @ParameterizedTest
  @CsvSource({
    "0x100000, 1, 0x100000, 1",
    "0x100000, 3, 0x100000, 4",
    "0x101000, 2, 0x100000, 4",
    "0x103000, 2, 0x100000, 8",
    "0xff000, 2, 0x0, 512",
    "0x7f000, 33, 0x0, 256"
  })
  void coversTheBlockThatLinuxComputes(String start, long pages, String base, long covered) {
    long first = Long.decode(start);

    range.cover(first, first + pages * 4096 - 1);

    assertThat(range.address()).isEqualTo(Long.decode(base));
    assertThat(range.pages()).isEqualTo(covered);
    assertThat(1L << range.order()).isEqualTo(covered);
    assertThat(range.domainSelective()).isFalse();
  }

  @Test
  void blockBeyondTheAddressMaskIsDomainSelective() {
    PsiRange old = new PsiRange(9, true);
    old.cover(0, 512 * 4096 - 1);
    assertThat(old.domainSelective()).isFalse();
    old.cover(0, 513 * 4096 - 1);
    assertThat(old.domainSelective()).isTrue();
    assertThat(old.order()).isEqualTo(10);
  }

  @Test
  void rangeAcrossAHighBoundaryIsDomainSelectiveThoughItIsShort() {
    range.cover(0x7fffffff000L, 0x80000000fffL);

    assertThat(range.order()).isEqualTo(32);
    assertThat(range.domainSelective()).isTrue();
  }

  @Test
  void unitWithoutPageSelectiveInvalidationIsAlwaysDomainSelective() {
    PsiRange none = new PsiRange(18, false);
    none.cover(0x1000, 0x1fff);
    assertThat(none.domainSelective()).isTrue();
  }

  @Test
  void wholeAddressSpaceIsDomainSelective() {
    range.cover(0, -1L);
    assertThat(range.domainSelective()).isTrue();
    range.cover(0x1000, 0x1fff);
    range.coverAll();
    assertThat(range.domainSelective()).isTrue();
    assertThat(range.pfn()).isZero();
  }

  @Test
  void rangeThatEndsBeforeItsStartIsRefused() {
    assertThatThrownBy(() -> range.cover(0x2000, 0x1fff))
        .hasMessage("an invalidation cannot end at 0x1fff before its start 0x2000");
    assertThatThrownBy(() -> new PsiRange(64, true)).hasMessageContaining("0 to 63");
  }

  @Property
  void blockIsAlignedCoversTheRangeAndNoSmallerOneDoesUnlessTheStartWasAligned(
      @ForAll @LongRange(min = 0, max = 1L << 36) long pfn,
      @ForAll @LongRange(min = 1, max = 5000) long pages) {
    range.cover(pfn << 12, (pfn + pages << 12) - 1);

    assertThat(range.pfn() % range.pages()).isZero();
    assertThat(range.pfn()).isLessThanOrEqualTo(pfn);
    assertThat(range.pfn() + range.pages()).isGreaterThanOrEqualTo(pfn + pages);
    int smallest = 0;
    while (pfn >> smallest != pfn + pages - 1 >> smallest) {
      smallest++;
    }
    assertThat(range.order()).isEqualTo(smallest);
  }
}
