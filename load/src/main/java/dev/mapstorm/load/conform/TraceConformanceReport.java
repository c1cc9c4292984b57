package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.LeftOut;
import dev.mapstorm.load.trace.ReadingNotes;
import dev.mapstorm.load.trace.TracePolicy;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How a trace compares with the models.
 *
 * @param policy how the traced machine translated
 * @param allocator whose addresses the trace holds
 * @param reading what was seen of the file beside its events
 * @param gaps places where the kernel dropped events
 * @param allocations IOVA ranges that the trace allocates; 0 where nothing is translated
 * @param decidable those whose answer the trace decides
 * @param explained those of them that the model answers as the kernel did
 * @param unexplained those of them that it answers otherwise
 * @param notDecidable the others, by reason
 * @param devices the same by device
 * @param firstUnexplained the first ten unexplained, by line
 * @param windows reserved windows that the model was given, by domain
 * @param rules what the models were told of the kernel, and where from: inferred, given or assumed
 * @param orderChoices orders that the lines leave open and that were chosen other than by the lines
 * @param unassignedFlushes flushes whose domain could not be told; left out
 * @param invalidations comparison of the invalidations
 */
public record TraceConformanceReport(
    TracePolicy policy,
    IovaAllocator allocator,
    ReadingNotes reading,
    long gaps,
    long allocations,
    long decidable,
    long explained,
    long unexplained,
    Map<NotDecidable, Long> notDecidable,
    List<DeviceConformance> devices,
    List<UnexplainedAllocation> firstUnexplained,
    List<List<ReservedWindow>> windows,
    List<String> rules,
    long orderChoices,
    long unassignedFlushes,
    InvalidationConformance invalidations) {

  /** Explained allocations in percent of the decidable ones; empty if there are none. */
  public OptionalDouble matchPercent() {
    return decidable == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * explained / decidable);
  }

  /**
   * In one line: {@code N allocations, D decidable, E explained, M unexplained, P% match}, rounded
   * down to two decimals, or why there is nothing to match.
   */
  public String summary() {
    if (!allocator.predicted()) {
      String why = allocator == IovaAllocator.NONE ? nothing() : allocator.label();
      return Units.things(allocations, "allocation") + ", nothing to match: " + why;
    }
    return counts(allocations, decidable, explained);
  }

  private String nothing() {
    long damaged = reading.leftOut().getOrDefault(LeftOut.MALFORMED, 0L);
    if (damaged == 0 && policy == TracePolicy.SWIOTLB) {
      return "buffers are bounced, but no line tells their slots (dma:* events do)";
    }
    return damaged > 0
        ? Units.things(damaged, "event") + (damaged == 1 ? " is damaged" : " are damaged")
        : "the trace is %s and allocates no IOVA".formatted(policy.label());
  }

  /** The counts of a summary. */
  public static String counts(long allocations, long decidable, long explained) {
    if (decidable == 0) {
      return Units.things(allocations, "allocation") + ", 0 decidable";
    }
    long hundredths = 10_000 * explained / decidable;
    return String.format(
        Locale.ROOT,
        "%s, %d decidable, %d explained, %d unexplained, %d.%02d%% match",
        Units.things(allocations, "allocation"),
        decidable,
        explained,
        decidable - explained,
        hundredths / 100,
        hundredths % 100);
  }

  /** What could not be decided, a line each: count and reason. */
  public List<String> notDecidableText() {
    List<String> text = new ArrayList<>();
    notDecidable.forEach(
        (reason, count) -> text.add("%d not decidable: %s".formatted(count, reason.label())));
    if (!text.isEmpty()) {
      text.add(
          String.format(
              Locale.ROOT,
              "explained of all allocations: %.2f%%",
              Math.floor(10_000.0 * explained / allocations) / 100));
    }
    return text;
  }
}
