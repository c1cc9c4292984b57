package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.backend.direct.DirectCosts;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbCosts;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec.Use;
import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the section {@code iommu.swiotlb}: the bounce buffers of a direct map. */
final class SwiotlbReader {
  private static final String OFF = "off";
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private final Use use;
  private final int slots;
  private final int areas;
  private final long start;
  private final int growPools;
  private final long minAlignMask;
  private final long dmaMask;

  /**
   * Reads and checks all keys.
   *
   * @param mode of the domains
   * @param addressBits that the devices reach
   */
  SwiotlbReader(Settings swiotlb, IommuMode mode, int addressBits) {
    use = use(swiotlb);
    if (use != null && mode != IommuMode.PASSTHROUGH) {
      throw swiotlb.wrong(
          "use",
          "%s needs iommu.mode = passthrough, is %s: behind an IOMMU no mapping bounces here"
              .formatted(use.label(), mode.label()));
    }
    slots = swiotlb.count("slots", 1, SwiotlbSpec.MAX_SLOTS);
    areas = swiotlb.is("areas", "cpus") ? 0 : swiotlb.count("areas", 1, Limits.CPUS);
    start = swiotlb.quantity("start", Quantity.SIZE, MIB, 2 * GIB);
    if (start % MIB != 0) {
      throw swiotlb.wrong("start", "must be whole MiB, is %d bytes".formatted(start));
    }
    growPools = swiotlb.count("grow-pools", 0, SwiotlbSpec.MAX_GROW_POOLS);
    minAlignMask = DomainReader.powerOfTwo(swiotlb, "min-align", 1, GIB) - 1;
    dmaMask = (1L << addressBits) - 1;
    if (use == Use.RESTRICTED && areas > 1) {
      throw swiotlb.wrong("areas", "a restricted pool has one area, not " + areas);
    }
    if (use == Use.RESTRICTED && growPools > 0) {
      throw swiotlb.wrong("grow-pools", "a restricted pool does not grow, so must be 0");
    }
    if (PoolSize.atBoot(slots, Math.max(1, areas), 1).slots() > SwiotlbSpec.MAX_SLOTS) {
      throw swiotlb.wrong(
          "areas",
          "%d areas of at least %d slots make more than %d slots"
              .formatted(areas, IoTlbPool.GROUP_SLOTS, SwiotlbSpec.MAX_SLOTS));
    }
  }

  private static Use use(Settings swiotlb) {
    Map<String, Use> choices = new LinkedHashMap<>();
    choices.put(OFF, null);
    for (Use each : Use.values()) {
      choices.put(each.label(), each);
    }
    return swiotlb.is("use", OFF) ? null : swiotlb.choice("use", choices);
  }

  /** Whether the devices of a machine share its default pool. */
  static boolean isMachines(Settings swiotlb) {
    Use use = use(swiotlb);
    return use == Use.NEEDED || use == Use.FORCED;
  }

  /** Whether there are no bounce buffers. */
  boolean isOff() {
    return use == null;
  }

  SwiotlbSpec spec(
      PlatformProfile platform, int cpus, long segmentBoundaryMask, long maxSegmentBytes) {
    PoolSize size =
        use == Use.RESTRICTED
            ? PoolSize.restricted((long) slots << IoTlbPool.SLOT_SHIFT)
            : PoolSize.atBoot(slots, areas, cpus);
    return new SwiotlbSpec(
        use,
        start,
        size,
        growPools,
        new SwiotlbDevice(minAlignMask, segmentBoundaryMask, dmaMask),
        maxSegmentBytes,
        platform.costs(DirectCosts.class),
        platform.costs(SwiotlbCosts.class));
  }
}
