package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.backend.arm32.ArmDmaCosts;
import dev.mapstorm.actors.backend.arm32.ArmDmaSpec;
import dev.mapstorm.actors.backend.powerpc.TceDmaCosts;
import dev.mapstorm.actors.backend.powerpc.TceDmaSpec;
import dev.mapstorm.actors.model.arm32.IovaBitmaps;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.protocol.Granule;
import java.util.List;

/** Reads the section {@code iommu.window}: the window of a backend that has one. */
final class WindowReader {
  private static final long MAX_BASE = 1L << 47;
  private static final long MAX_SIZE = 1L << 36;

  private final long base;
  private final long size;
  private final int alignOrder;
  private final int block;
  private final boolean merge;

  WindowReader(Settings window) {
    base = window.whole("base", 0, MAX_BASE);
    if (Granule.offset(base) != 0) {
      throw window.wrong("base", "0x%x is no multiple of 4 KiB".formatted(base));
    }
    size = window.quantity("size", Quantity.SIZE, Granule.BYTES, MAX_SIZE);
    alignOrder =
        window.count("align-order", IovaBitmaps.MIN_ALIGN_ORDER, IovaBitmaps.MAX_ALIGN_ORDER);
    block = window.count("block", 1, 1 << 16);
    if (Integer.bitCount(block) != 1) {
      throw window.wrong("block", block + " is not a power of two");
    }
    merge = window.flag("merge");
  }

  /** A domain of 32-bit Arm. */
  ArmDmaSpec arm32(PageTableFormat format, long maxSegmentBytes, PlatformProfile platform) {
    return new ArmDmaSpec(
        base, size, alignOrder, format, maxSegmentBytes, platform.costs(ArmDmaCosts.class));
  }

  /**
   * A domain of powerpc.
   *
   * @param reserved pairs of first and last granule
   * @throws IllegalArgumentException if more than one of these is in the window
   */
  TceDmaSpec powerpc(
      PageTableFormat format, DeviceReach reach, List<long[]> reserved, PlatformProfile platform) {
    long first = Granule.pfn(base);
    long end = first + Granule.pfn(size);
    long[] hole = {0, -1};
    for (long[] range : reserved) {
      if (range[0] < end && range[1] >= first) {
        if (hole[1] >= 0) {
          throw new IllegalArgumentException(
              "a TCE table has one reserved range, and iommu.reserved has more in the window");
        }
        hole = range;
      }
    }
    return new TceDmaSpec(
        new TceWindow(
            Granule.SHIFT, Granule.SHIFT, first, end - first, hole[0], hole[1] + 1, block, !merge),
        format,
        reach,
        platform.costs(TceDmaCosts.class));
  }
}
