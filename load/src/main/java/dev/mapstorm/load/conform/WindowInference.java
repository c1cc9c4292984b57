package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
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
 * The same holds for what lies above the first allocation of all, if it ends at a whole MiB and
 * nothing is ever allocated above: a window at the top of 32-bit space, or a device with a narrow
 * mask.
 *
 * <p>The window of the message-signalled interrupts of x86 is reserved unless the trace allocates
 * in it: an SMMU maps a doorbell page instead.
 */
final class WindowInference {
  private static final long MIB = 1L << 20;
  private static final long LIMIT_32 = 1L << 32;

  private WindowInference() {}

  /**
   * The windows of a domain, the MSI window included.
   *
   * @param known windows that are known
   */
  static List<ReservedWindow> of(
      List<Operation> operations, int granuleShift, List<ReservedWindow> known) {
    TreeMap<Long, Long> touched = new TreeMap<>();
    long largest = 0;
    long firstEnd = 0;
    boolean doorbell = false;
    for (Operation operation : operations) {
      if (operation.kind == Kind.ALLOC) {
        long start = operation.pfn << granuleShift;
        long bytes = operation.pages << granuleShift;
        firstEnd = firstEnd == 0 ? start + bytes : firstEnd;
        touched.merge(start, start + bytes, Math::max);
        largest = Math.max(largest, bytes);
        doorbell |= start < ReservedWindow.MSI.end() && start + bytes > ReservedWindow.MSI.start();
      }
    }
    List<ReservedWindow> windows = new ArrayList<>(known);
    if (touched.isEmpty()) {
      return windows;
    }
    long lowest = touched.firstKey();
    long highest = touched.values().stream().mapToLong(Long::longValue).max().orElse(0);
    known.stream()
        .filter(window -> lowest < window.start() && window.start() < LIMIT_32)
        .forEach(window -> touched.merge(window.start(), window.end(), Math::max));
    boolean top =
        known.isEmpty() && highest == firstEnd && firstEnd < LIMIT_32 && firstEnd % MIB == 0;
    if (top) {
      windows.add(new ReservedWindow(firstEnd, LIMIT_32));
    } else if (!doorbell && !windows.contains(ReservedWindow.MSI)) {
      windows.add(ReservedWindow.MSI);
    }
    if (lowest < ReservedWindow.MSI.start()) {
      if (!top && !doorbell) {
        touched.put(ReservedWindow.MSI.start(), ReservedWindow.MSI.end());
      }
      addHoles(touched, Math.max(MIB, 2 * roundUp(largest)), windows);
    }
    windows.sort(Comparator.comparingLong(ReservedWindow::start));
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
