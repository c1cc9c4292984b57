package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.protocol.Granule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds the IOVA allocator, flush queue and VT-d models against a kernel trace: do they give,
 * address for address, what the kernel gave?
 *
 * <p><b>Operations.</b> Each IOVA range that a {@code dma:*} event maps is an allocation. Each
 * {@code iommu:unmap} is a free, or in lazy mode a range put on the flush queue.
 *
 * <p><b>Windows.</b> A line is logged a little after or before the act it reports, and between act
 * and line an interrupt of the same CPU, or another CPU, may act. What is known is between which
 * two lines an act took place:
 *
 * <ul>
 *   <li>allocation: the line before, on the same CPU, that was not logged by an interrupt of its
 *       context; to its first {@code iommu:map}. {@code iommu_map} logs after the allocation.
 *   <li>free: the last line of its invalidation ({@code qi_submit}, else {@code
 *       cache_tag_flush_range}, else the {@code iommu:unmap}); to the {@code dma_unmap_page} that
 *       follows. Lists and coherent memory are named before the act, so these end at the next line
 *       that the context, or what it interrupted, logs.
 *   <li>queueing: the {@code iommu:unmap}, to the same ends.
 *   <li>start of a flush: the line before, as for an allocation; to its {@code
 *       cache_tag_flush_all}.
 *   <li>timer reclaiming the rings: the {@code qi_submit} of the flush, to the next line of its
 *       context.
 * </ul>
 *
 * <p><b>Rule.</b> An allocation is explained if the model answers the kernel's address when all
 * operations are applied one by one, each within its window. (So the trace is taken for a
 * concurrent history, and looked for a linearisation.) The order is found without going back: an
 * operation is applied when its window closes, except that
 *
 * <ol>
 *   <li>an allocation that the model answers rightly is applied just before an act that would
 *       change the answer;
 *   <li>if the model does not answer an allocation whose window closes, those that overlap it are
 *       applied first, one by one: allocations that the model answers, then frees (of its range, of
 *       its CPU, others), then the depot worker, which no line shows, while a depot holds more
 *       magazines than there are CPUs.
 * </ol>
 *
 * Only two orders in a flush queue cannot be judged on the spot; {@link FlushReplay} chooses them
 * and {@link OrderSearch} tries the other one, within bounds. Nothing is ever applied outside its
 * window.
 *
 * <p><b>After an unexplained allocation</b> the kernel's answer is imposed on the model, as {@link
 * ObservedDomain} says, so that one miss does not make all that follow.
 *
 * <p><b>Domains.</b> {@link DomainSplit} tells which devices share one. Each starts empty, at
 * granule 1, with the windows of {@link WindowInference} reserved; a trace that begins in the
 * middle of a domain's life explains little. PCI devices get 32-bit addresses first ({@code
 * iommu_dma_alloc_iova}); coherent memory goes through the same allocator. Traces without a flags
 * column (perf, older trace-cmd) do not tell interrupts from tasks, so fewer are explained. So are
 * ranges too large for the caches: each frees and searches the tree, and what order two of them had
 * can show much later.
 *
 * <p><b>Invalidations</b> are compared one by one, see {@link InvalidationCheck}.
 */
public final class TraceConformance {
  private static final int MOST_SHOWN = 10;
  private static final int MOST_OVERLAPPING = 8;

  private final ConformanceOptions options;
  private final SortedMap<String, long[]> byDevice = new TreeMap<>();
  private final List<UnexplainedAllocation> unexplained = new ArrayList<>();
  private final List<List<ReservedWindow>> windows = new ArrayList<>();
  private long choices;

  private TraceConformance(ConformanceOptions options) {
    this.options = options;
  }

  /**
   * Compares a trace with the models of Linux 6.12.
   *
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /**
   * Compares a trace with the models of Linux 6.12.
   *
   * @param lines read to their end, not closed
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(TextLines lines) {
    return check(lines, ConformanceOptions.LINUX);
  }

  /**
   * Compares a trace with the models of Linux 6.12.
   *
   * @param lines read to their end, not closed
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(TextLines lines, Strictness strictness) {
    return new TraceConformance(ConformanceOptions.LINUX)
        .report(HistoryReader.read(reader(lines, strictness)));
  }

  /**
   * Compares a trace with a model of the caller's choice.
   *
   * @param lines read to their end, not closed
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(TextLines lines, ConformanceOptions options) {
    return new TraceConformance(options)
        .report(HistoryReader.read(reader(lines, Strictness.LENIENT)));
  }

  /** A reader that is not closed, as its lines are the caller's. */
  @SuppressWarnings("resource")
  private static TraceReader reader(TextLines lines, Strictness strictness) {
    return new TraceReader(lines, strictness);
  }

  private TraceConformanceReport report(History history) {
    history.domains().forEach(domain -> compare(domain, history.cpus()));
    List<DeviceConformance> devices = new ArrayList<>();
    long allocations = 0;
    for (var device : byDevice.entrySet()) {
      long[] counts = device.getValue();
      devices.add(new DeviceConformance(device.getKey(), counts[0], counts[1]));
      allocations += counts[0];
    }
    unexplained.sort(Comparator.comparingLong(UnexplainedAllocation::line));
    return new TraceConformanceReport(
        history.policy(),
        history.reading(),
        history.gaps(),
        allocations,
        unexplained.size(),
        devices,
        List.copyOf(unexplained.subList(0, Math.min(unexplained.size(), MOST_SHOWN))),
        windows,
        choices,
        history.unmatchedUnmaps(),
        history.unassignedFlushes(),
        history.invalidations());
  }

  private void compare(List<Operation> domain, int cpus) {
    List<ReservedWindow> reserved = options.reserved().orElseGet(() -> WindowInference.of(domain));
    windows.add(reserved);
    DomainReplay replay =
        new OrderSearch(new Schedule(domain, cpus), cpus, options, reserved).best();
    choices += replay.choices().size();
    for (Operation operation : domain) {
      if (operation.kind == Kind.ALLOC) {
        countsOf(operation.device)[0]++;
      }
    }
    for (DomainReplay.Miss miss : replay.misses()) {
      countsOf(miss.alloc().device)[1]++;
      unexplained.add(describe(miss));
    }
  }

  private long[] countsOf(String device) {
    return byDevice.computeIfAbsent(device, key -> new long[2]);
  }

  private static UnexplainedAllocation describe(DomainReplay.Miss miss) {
    Operation alloc = miss.alloc();
    return new UnexplainedAllocation(
        alloc.line,
        alloc.timeNs,
        alloc.device,
        alloc.cpu,
        alloc.pages,
        alloc.iova(),
        miss.modelPfn() << Granule.SHIFT,
        miss.overlapping().stream().limit(MOST_OVERLAPPING).map(Operation::toString).toList());
  }
}
