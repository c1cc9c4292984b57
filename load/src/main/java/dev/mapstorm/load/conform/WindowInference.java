package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds the windows of PCI host bridges in the addresses of a trace. {@code
 * iova_reserve_pci_windows} keeps them out of every domain, but no event tells of them.
 *
 * <p>The allocator goes downwards and leaves no hole but for alignment, which is less than the size
 * of the next range. So a hole below 4 GiB that no allocation of the trace ever touches, with
 * allocations above and below, of at least 1 MiB and twice the largest range of the domain, was
 * skipped for another reason. Its ends are narrowed to whole MiB, the alignment of bridge windows.
 *
 * <p>The window of the message-signalled interrupts of x86 is reserved unless the trace allocates
 * in it: an SMMU maps a doorbell page instead.
 */
final class WindowInference {
  private static final long MIB = 1L << 20;
  private static final long LIMIT_32 = 1L << 32;

  private WindowInference() {}

  /** The windows of a domain, the MSI window included. */
  static List<ReservedWindow> of(List<Operation> operations, int granuleShift) {
    TreeMap<Long, Long> touched = new TreeMap<>();
    long largest = 0;
    boolean doorbell = false;
    for (Operation operation : operations) {
      if (operation.kind == Kind.ALLOC) {
        long start = operation.pfn << granuleShift;
        long bytes = operation.pages << granuleShift;
        touched.merge(start, start + bytes, Math::max);
        largest = Math.max(largest, bytes);
        doorbell |= start < ReservedWindow.MSI.end() && start + bytes > ReservedWindow.MSI.start();
      }
    }
    List<ReservedWindow> windows = new ArrayList<>();
    boolean below = !touched.isEmpty() && touched.firstKey() < ReservedWindow.MSI.start();
    if (below && !doorbell) {
      touched.put(ReservedWindow.MSI.start(), ReservedWindow.MSI.end());
    }
    if (below) {
      addHoles(touched, Math.max(MIB, 2 * roundUp(largest)), windows);
    }
    if (!doorbell) {
      windows.add(ReservedWindow.MSI);
    }
    return windows;
  }

  private static void addHoles(
      TreeMap<Long, Long> touched, long leastBytes, List<ReservedWindow> windows) {
    long end = touched.firstEntry().getValue();
    for (Map.Entry<Long, Long> range : touched.entrySet()) {
      long start = (end + MIB - 1) & -MIB;
      long next = range.getKey() & -MIB;
      if (next - start >= leastBytes && next <= LIMIT_32) {
        windows.add(new ReservedWindow(start, next));
      }
      end = Math.max(end, range.getValue());
    }
  }

  private static long roundUp(long bytes) {
    return bytes <= 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
  }
}
