package dev.mapstorm.actors.model.amd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class AmdFlushTest {
  /** The oracle doubles an aligned block until it holds both ends. */
  @Property
  void aRangeIsCoveredByTheSmallestAlignedBlockThatHoldsIt(
      @ForAll @LongRange(max = (1L << 36) - 1) long pfn,
      @ForAll @LongRange(min = 1, max = 1 << 20) long pages) {
    long address = pfn << 12;
    long bytes = pages << 12;
    boolean several = InvalidationAddress.several(address, bytes);
    long encoded = InvalidationAddress.encode(address, bytes);

    long block = 1;
    while (pfn / block != (pfn + pages - 1) / block) {
      block *= 2;
    }
    assertThat(several).isEqualTo(pages > 1);
    assertThat(InvalidationAddress.pages(encoded, several)).isEqualTo(block);
    assertThat(InvalidationAddress.firstPfn(encoded, several)).isEqualTo(pfn / block * block);
  }

  @Test
  void theWholeSpaceIsOneAddress() {
    long encoded = InvalidationAddress.encode(0, InvalidationAddress.ALL);

    assertThat(encoded).isEqualTo(0x7ffffffffffff000L);
    assertThat(InvalidationAddress.pages(encoded, true)).isZero();
    assertThat(InvalidationAddress.firstPfn(encoded, true)).isZero();
  }

  /** A unit that a hypervisor emulates is told of exactly the range, in aligned pieces. */
  @Property
  void withNpCacheThePiecesTileTheRange(
      @ForAll @LongRange(max = (1L << 36) - 1) long pfn,
      @ForAll @LongRange(min = 1, max = 1 << 20) long pages) {
    Recorded sink = new Recorded();
    domain(false, true, 1, 1).pages(pfn << 12, pages << 12, true, sink);

    long at = pfn;
    for (long[] piece : sink.pieces) {
      assertThat(piece[0]).isEqualTo(at);
      assertThat(Long.bitCount(piece[1])).isEqualTo(1);
      assertThat(piece[0] % piece[1]).isZero();
      at += piece[1];
    }
    assertThat(at).isEqualTo(pfn + pages);
    assertThat(sink.waits).containsExactly(0);
  }

  @Property
  void everyUnitIsToldOnceInV1AndEveryDeviceInV2AndAllUnitsAreWaitedForAtTheEnd(
      @ForAll boolean v2,
      @ForAll @IntRange(min = 1, max = 4) int units,
      @ForAll @IntRange(min = 1, max = 6) int devices) {
    Recorded sink = new Recorded();
    domain(v2, false, units, devices).pages(0x5000, 0x3000, false, sink);

    assertThat(sink.pieces).hasSize(v2 ? devices : units);
    assertThat(sink.devices).hasSize((devices + 1) / 2);
    assertThat(sink.waits).hasSize(units);
    assertThat(sink.afterFirstWait).isZero();
  }

  private static AmdFlush domain(boolean v2, boolean npCache, int units, int devices) {
    int[] unit = new int[units];
    for (int i = 0; i < units; i++) {
      unit[i] = i;
    }
    int[] deviceUnit = new int[devices];
    boolean[] ats = new boolean[devices];
    for (int i = 0; i < devices; i++) {
      deviceUnit[i] = i % units;
      ats[i] = npCache ? i > 0 : i % 2 == 0;
    }
    return new AmdFlush(v2, npCache, 7, unit, deviceUnit, new int[devices], ats);
  }

  private static final class Recorded implements AmdCommands {
    private final List<long[]> pieces = new ArrayList<>();
    private final List<Integer> devices = new ArrayList<>();
    private final List<Integer> waits = new ArrayList<>();
    private int afterFirstWait;

    @Override
    public void invalidatePages(
        int unit, int domainId, long address, boolean several, boolean tables, boolean guest) {
      afterFirstWait += waits.isEmpty() ? 0 : 1;
      pieces.add(
          new long[] {
            InvalidationAddress.firstPfn(address, several),
            InvalidationAddress.pages(address, several)
          });
    }

    @Override
    public void invalidateIotlb(
        int unit, int device, long address, boolean several, boolean guest) {
      afterFirstWait += waits.isEmpty() ? 0 : 1;
      devices.add(device);
    }

    @Override
    public void completionWait(int unit) {
      waits.add(unit);
    }
  }
}
