package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.ReadingNotes;
import dev.mapstorm.load.trace.TracePolicy;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How a trace compares with the models.
 *
 * @param policy how the traced machine translated
 * @param reading what was seen of the file beside its events
 * @param gaps places where the kernel dropped events; what follows one is rarely explained
 * @param allocations IOVA ranges that the trace allocates; 0 where nothing is translated
 * @param unexplained those that the model answers otherwise
 * @param devices the same by device
 * @param firstUnexplained the first ten of them, by line
 * @param windows reserved windows that the model was given, by domain
 * @param orderChoices orders that the lines leave open and that were chosen
 * @param unmatchedUnmaps {@code dma_unmap_page} events without the page-table event that belongs to
 *     them, in a trace that has such events; left out
 * @param unassignedFlushes operations of flushes whose domain could not be told; left out
 * @param invalidations comparison of the invalidations
 */
public record TraceConformanceReport(
    TracePolicy policy,
    ReadingNotes reading,
    long gaps,
    long allocations,
    long unexplained,
    List<DeviceConformance> devices,
    List<UnexplainedAllocation> firstUnexplained,
    List<List<ReservedWindow>> windows,
    long orderChoices,
    long unmatchedUnmaps,
    long unassignedFlushes,
    InvalidationConformance invalidations) {

  /** Explained allocations in percent; empty if there are none. */
  public OptionalDouble matchPercent() {
    return allocations == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * (allocations - unexplained) / allocations);
  }

  /**
   * In one line: {@code N allocations, M unexplained, P% match}, rounded down to two decimals, or
   * why there are none.
   */
  public String summary() {
    if (allocations == 0) {
      return "0 allocations, nothing to match: the trace is %s and allocates no IOVA"
          .formatted(policy.label());
    }
    long hundredths = 10_000 * (allocations - unexplained) / allocations;
    return String.format(
        Locale.ROOT,
        "%d allocations, %d unexplained, %d.%02d%% match",
        allocations,
        unexplained,
        hundredths / 100,
        hundredths % 100);
  }
}
