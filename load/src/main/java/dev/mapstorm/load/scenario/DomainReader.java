package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.backend.arm32.ArmDmaKind;
import dev.mapstorm.actors.backend.direct.DirectCosts;
import dev.mapstorm.actors.backend.direct.DirectSpec;
import dev.mapstorm.actors.backend.iommu.DmaIommuCosts;
import dev.mapstorm.actors.backend.iommu.DmaIommuKind;
import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.backend.powerpc.TceDmaKind;
import dev.mapstorm.actors.backend.unmanaged.UnmanagedSpec;
import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.iova.IovaSearch;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads the section {@code iommu} of a machine: what every domain of it is. All keys are checked,
 * also those that have no meaning in the mode that is chosen.
 */
final class DomainReader {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final String PAGE_TABLE = "page-table";

  private final Settings iommu;
  private final boolean genericPt;
  private final IommuMode mode;
  private final IovaParameters iova;
  private final long limitPfn;
  private final SacFirst sacFirst;
  private final List<long[]> reserved;
  private final PageTableFormat format;
  private final FlushSpec flush;
  private final long segmentBoundaryMask;
  private final long maxSegmentBytes;
  private final SwiotlbReader swiotlb;
  private final BackendKind<?> backend;
  private final WindowReader window;

  DomainReader(Settings iommu) {
    int bits = iommu.count("address-bits", 20, 57);
    this.iommu = iommu;
    format = PageTableFormat.vtd(iommu.count("levels", 3, 5), pageSizes(iommu));
    genericPt = iommu.choice(PAGE_TABLE, Map.of("driver", false, "generic-pt", true));
    if (bits > format.addressBits()) {
      throw iommu.wrong(
          "address-bits",
          "%d bits do not fit a page table of %d levels, which translates %d"
              .formatted(bits, format.levels(), format.addressBits()));
    }
    mode = iommu.choice("mode", Settings.labelled(Stream.of(IommuMode.values()), IommuMode::label));
    iova = iova(iommu.section("iova"));
    limitPfn = (1L << (bits - Granule.SHIFT)) - 1;
    sacFirst = sacFirst(iommu);
    reserved = reserved(iommu);
    flush = flush(iommu.section("flush-queue"));
    segmentBoundaryMask = powerOfTwo(iommu, "segment-boundary", Granule.BYTES, 1L << 57) - 1;
    maxSegmentBytes = iommu.quantity("max-segment", Quantity.SIZE, Granule.BYTES, (1L << 32) - 1);
    swiotlb = new SwiotlbReader(iommu.section("swiotlb"), mode, bits);
    backend = iommu.choice("backend", Settings.labelled(translating(), BackendKind::label));
    window = new WindowReader(iommu.section("window"));
    if (mode == IommuMode.LAZY && !(backend instanceof DmaIommuKind)) {
      throw iommu.wrong("mode", backend.label() + " has no flush queue, so it cannot be lazy");
    }
  }

  /**
   * The domain, at the costs of a platform. The mode chooses the backend, and for a direct map the
   * use of bounce buffers does.
   *
   * @param cpus of the machine
   */
  DomainSpec spec(PlatformProfile platform, int cpus) {
    return switch (mode) {
      case PASSTHROUGH ->
          swiotlb.isOff()
              ? new DirectSpec(platform.costs(DirectCosts.class))
              : swiotlb.spec(platform, cpus, segmentBoundaryMask, maxSegmentBytes);
      case STRICT, LAZY -> translated(platform);
    };
  }

  /** A domain of the IOMMU API, which is translated in every mode. */
  DomainSpec unmanaged() {
    return new UnmanagedSpec(genericPt ? format.with(DriverRules.GENERIC_PT) : format);
  }

  /** Whose code writes the page tables of a domain behind such a unit. */
  private DriverRules rules(IommuSpec unit) {
    if (!genericPt) {
      return Kinds.ALL.of(unit).tableRules();
    }
    if (!(unit instanceof VtdSpec)) {
      throw iommu.wrong(PAGE_TABLE, "generic-pt is simulated for units of kind vtd only");
    }
    return DriverRules.GENERIC_PT;
  }

  private DomainSpec translated(PlatformProfile platform) {
    if (platform.costs(backend.costs()) == null) {
      throw iommu.wrong(
          "backend",
          "the platform %s says nothing of what %s costs"
              .formatted(platform.name(), backend.label()));
    }
    PageTableFormat table = format.with(rules(platform.unit()));
    if (mode == IommuMode.LAZY
        && platform.unit() instanceof VtdSpec vtd
        && vtd.cachingMode() == 1) {
      throw iommu.wrong(
          "mode",
          "must be strict behind units in caching mode, as Linux makes it"
              + " (unit.caching-mode = 1)");
    }
    try {
      if (backend instanceof ArmDmaKind) {
        return window.arm32(table, maxSegmentBytes, platform);
      }
      if (backend instanceof TceDmaKind) {
        long mask = ((limitPfn + 1) << Granule.SHIFT) - 1;
        DeviceReach reach = new DeviceReach(mask, segmentBoundaryMask, maxSegmentBytes);
        return window.powerpc(table, reach, reserved, platform);
      }
    } catch (IllegalArgumentException e) {
      throw iommu.wrong("window", e.getMessage());
    }
    return new DmaIommuSpec(
        mode,
        iova,
        limitPfn,
        reserved,
        table,
        flush,
        segmentBoundaryMask,
        maxSegmentBytes,
        platform.costs(DmaIommuCosts.class));
  }

  /** The backends of the DMA API that translate: passthrough chooses the other one. */
  private static Stream<BackendKind<?>> translating() {
    return Kinds.ALL.backends().stream()
        .filter(
            kind ->
                kind instanceof DmaIommuKind
                    || kind instanceof ArmDmaKind
                    || kind instanceof TceDmaKind);
  }

  /** What becomes of what is unmapped. */
  IommuMode mode() {
    return mode;
  }

  /** Whether the devices are given addresses below 4 GiB first. */
  SacFirst sacFirst() {
    return sacFirst;
  }

  private static SacFirst sacFirst(Settings iommu) {
    SacFirst retry =
        iommu.choice(
            "retry-32bit",
            Map.of("until-none-left", SacFirst.UNTIL_NONE_LEFT, "always", SacFirst.ALWAYS));
    boolean forcedac = iommu.flag("forcedac");
    return iommu.flag("pci") && !forcedac ? retry : SacFirst.NEVER;
  }

  /** {@code dma_get_seg_boundary} of the devices. */
  long segmentBoundaryMask() {
    return segmentBoundaryMask;
  }

  /** {@code dma_get_max_seg_size} of the devices. */
  long maxSegmentBytes() {
    return maxSegmentBytes;
  }

  /** Sizes of the IOVA caches. */
  static IovaParameters iova(Settings iova) {
    int limit =
        iova.is("depot-limit", "unbounded")
            ? IovaParameters.UNBOUNDED
            : iova.is("depot-limit", "none")
                ? 0
                : iova.count("depot-limit", 0, Integer.MAX_VALUE - 1);
    int keep =
        iova.is("depot-keep", "cpus")
            ? IovaParameters.ONLINE_CPUS
            : iova.count("depot-keep", 0, Integer.MAX_VALUE);
    return new IovaParameters(
        iova.count("magazine-size", 1, 65_536),
        iova.count("max-cached-order", -1, Limits.CACHED_ORDER),
        limit,
        keep,
        iova.choice(
            "search", Settings.labelled(Stream.of(IovaSearch.values()), IovaSearch::label)));
  }

  private static FlushSpec flush(Settings flush) {
    boolean single = flush.flag("single");
    int entries = single ? FlushQueue.SINGLE_RING_SIZE : FlushQueue.DEFAULT_RING_SIZE;
    long timeoutNs = single ? FlushQueue.SINGLE_TIMEOUT_NS : FlushQueue.DEFAULT_TIMEOUT_NS;
    return new FlushSpec(
        single,
        flush.is("entries", "auto") ? entries : (int) powerOfTwo(flush, "entries", 2, 1 << 20),
        flush.is("timeout", "auto")
            ? timeoutNs
            : flush.quantity("timeout", Quantity.TIME, 1, 3600 * SECOND_NS),
        flush.choice("flush", Map.of("domain", false, "ranges", true)),
        flush.choice("two-step", Map.of("queued", true, "at-once", false)));
  }

  private static List<long[]> reserved(Settings iommu) {
    List<long[]> ranges = new ArrayList<>();
    for (ConfigValue pair : iommu.list("reserved")) {
      Settings ends =
          pair instanceof ConfigList list && list.size() == 2 ? ends(iommu, list) : null;
      if (ends == null) {
        throw iommu.wrong("reserved", "must hold pairs such as [0xfee00000, 0xfeefffff]");
      }
      long first = ends.whole("first", 0, (1L << 57) - 1);
      long last = ends.whole("last", first, (1L << 57) - 1);
      ranges.add(new long[] {Granule.pfn(first), Granule.pfn(last)});
    }
    return ranges;
  }

  private static Settings ends(Settings iommu, ConfigList pair) {
    ConfigObject ends =
        ConfigValueFactory.fromMap(Map.of())
            .withValue("first", pair.get(0))
            .withValue("last", pair.get(1));
    return iommu.inside(ends, "reserved");
  }

  private static long pageSizes(Settings iommu) {
    long bitmap = 0;
    for (ConfigValue size : iommu.list("page-sizes")) {
      Settings one = iommu.with("page-sizes", size);
      bitmap |= powerOfTwo(one, "page-sizes", Granule.BYTES, 1L << 39);
    }
    if ((bitmap & Granule.BYTES) == 0) {
      throw iommu.wrong("page-sizes", "must hold 4KiB, the granule");
    }
    return bitmap;
  }

  static long powerOfTwo(Settings settings, String key, long min, long max) {
    long value = settings.quantity(key, Quantity.SIZE, min, max);
    if (Long.bitCount(value) != 1) {
      throw settings.wrong(key, value + " is not a power of two");
    }
    return value;
  }
}
