package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The rules of one domain: those of its kernel, its windows, and what its devices can address.
 *
 * <p>A device's width is that of its highest address, 48 bits if all are below 4 GiB, but no more
 * than its mask if that is known. It does not try 32-bit space first if its very first address lies
 * above it ({@code iommu.forcedac}, or no PCI device).
 */
final class DomainRules {
  private static final int LEAST_WIDE_BITS = 48;

  private final KernelRules kernel;
  private final int granuleShift;
  private final List<ReservedWindow> windows;
  private final ReplayVariant variant;
  private final int possibleCpus;
  private final long[] limits;
  private final boolean[] left32Bit;
  private final long[][] activeNs;

  /**
   * Finds the widths; sets {@link Operation#deviceNumber}.
   *
   * @param operations of the domain, by line
   * @param kernel rules of the kernel
   * @param granuleShift log2 of the bytes of a granule
   * @param possibleCpus CPUs of the machine, which the depot worker leaves magazines for
   * @param windows reserved windows, in bytes
   * @param variant how the rings are swept
   * @param maskBits width of a device's DMA mask; 0 if it is not known
   */
  DomainRules(
      Operation[] operations,
      KernelRules kernel,
      int granuleShift,
      int possibleCpus,
      List<ReservedWindow> windows,
      ReplayVariant variant,
      ToIntFunction<String> maskBits) {
    this.kernel = kernel;
    this.granuleShift = granuleShift;
    this.possibleCpus = possibleCpus;
    this.windows = windows;
    this.variant = variant;
    List<String> devices = new ArrayList<>();
    long[] highest = new long[operations.length + 1];
    boolean[] wide = new boolean[operations.length + 1];
    long end32 = 1L << (Integer.SIZE - granuleShift);
    int places = 1;
    for (Operation operation : operations) {
      places = Math.max(places, operation.place + 1);
      if (operation.kind == Kind.ALLOC) {
        int device = devices.indexOf(operation.device);
        if (device < 0) {
          device = devices.size();
          devices.add(operation.device);
          wide[device] = kernel.forcedac() || operation.pfn >= end32;
        }
        operation.deviceNumber = device;
        highest[device] = Math.max(highest[device], operation.end() - 1);
      }
    }
    left32Bit = Arrays.copyOf(wide, Math.max(devices.size(), 1));
    limits = new long[left32Bit.length];
    for (int device = 0; device < devices.size(); device++) {
      int bits = Long.SIZE - Long.numberOfLeadingZeros(highest[device]);
      boolean above = highest[device] >= end32;
      int width = above ? bits : LEAST_WIDE_BITS - granuleShift;
      int mask = maskBits.applyAsInt(devices.get(device)) - granuleShift;
      limits[device] = (1L << (mask >= bits ? Math.min(width, mask) : width)) - 1;
    }
    activeNs = new long[places][];
    for (int place = 0; place < places; place++) {
      int cpu = place;
      activeNs[place] =
          Arrays.stream(operations)
              .filter(operation -> operation.place == cpu)
              .mapToLong(operation -> operation.timeNs)
              .sorted()
              .toArray();
    }
  }

  KernelRules kernel() {
    return kernel;
  }

  /** An allocator that has given nothing out yet. */
  IovaDomain emptyDomain(int cpus) {
    IovaParameters iova = kernel.iova();
    int keep = iova.depotKeep() == IovaParameters.ONLINE_CPUS ? possibleCpus : iova.depotKeep();
    IovaDomain domain =
        new IovaDomain(
            cpus,
            granuleShift,
            1,
            new IovaParameters(
                iova.magazineSize(), iova.maxCachedOrder(), iova.depotLimit(), keep));
    for (ReservedWindow window : windows) {
      domain.reserve(window.start() >>> granuleShift, (window.end() - 1) >>> granuleShift);
    }
    return domain;
  }

  /**
   * Whether the trace may have seen the domain from its birth: its first allocation, or one that
   * overlaps it, is what an allocator answers that has given nothing out yet.
   *
   * @param operations of the domain, by line
   */
  boolean mayBeBornIn(Operation[] operations) {
    long firstCloses =
        Arrays.stream(operations)
            .filter(each -> each.kind == Kind.ALLOC)
            .mapToLong(each -> each.closes)
            .min()
            .orElse(0);
    IovaDomain empty = emptyDomain(1);
    return Arrays.stream(operations)
        .filter(each -> each.kind == Kind.ALLOC && each.opens < firstCloses)
        .anyMatch(
            alloc -> {
              boolean low = !left32Bit[alloc.deviceNumber];
              long limit = limitPfn(alloc);
              long most = low ? Math.min(limit, empty.last32BitPfn()) : limit;
              return empty.peekFast(0, pages(alloc), most) == alloc.pfn;
            });
  }

  /** Which devices never try 32-bit space first. */
  boolean[] without32BitFirst() {
    return left32Bit.clone();
  }

  /** Highest granule that the device of an allocation can address. */
  long limitPfn(Operation alloc) {
    return limits[alloc.deviceNumber];
  }

  /** Granules that an allocation asks for. */
  long pages(Operation alloc) {
    return kernel.roundsAll() ? 1L << IovaDomain.order(alloc.pages) : alloc.pages;
  }

  /** The cache order of an allocation. */
  int order(Operation alloc) {
    return IovaDomain.order(alloc.pages);
  }

  /** The ring that a sweep comes to at a position, and the position of a ring. */
  int ringAt(int position, int rings) {
    return variant.reverse() ? rings - 1 - position : position;
  }

  /** Whether each CPU frees its own ring, not the timer's CPU all. */
  boolean ownCpuFrees() {
    return variant.ownCpu();
  }

  /** Whether a CPU does nothing in the domain for so long around an allocation. */
  boolean mayBeOffline(int place, Operation alloc, long ns) {
    long[] active = activeNs[place];
    int at = Arrays.binarySearch(active, alloc.timeNs);
    int next = at < 0 ? -at - 1 : at;
    long before = next == 0 ? Long.MIN_VALUE / 2 : active[next - 1];
    long after = next == active.length ? Long.MAX_VALUE / 2 : active[next];
    return after - before >= ns;
  }
}
