package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IntelMapSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the lists of the VT-d driver's own DMA operations together, Linux up to 5.11: {@code map_sg}
 * is logged once a segment, and unmapping a list logs {@code unmap_single} and {@code unmap_sg}.
 * Not thread safe.
 */
final class IntelLists {
  private final Map<Long, List<IntelMapSegment>> open = new HashMap<>();

  /** By context, the range that its last line unmapped. */
  private final Map<Long, String> lastUnmapped = new HashMap<>();

  private boolean any;

  /**
   * Takes a segment.
   *
   * @return all segments of its list once the last is there; empty before, and for a list whose
   *     first segments are not in the trace
   */
  Optional<List<IntelMapSegment>> add(TraceLine line, IntelMapSegment segment) {
    any = true;
    long context = PieceJoin.context(line);
    List<IntelMapSegment> list = open.computeIfAbsent(context, key -> new ArrayList<>());
    if (segment.number() == 1) {
      list.clear();
    }
    if (segment.number() != list.size() + 1) {
      open.remove(context);
      return Optional.empty();
    }
    list.add(segment);
    return segment.number() < segment.of() ? Optional.empty() : Optional.of(open.remove(context));
  }

  /**
   * Whether a line unmaps the same range as the line before of its context: a list's second.
   *
   * @param mapped whether something is mapped there
   */
  boolean isSecondUnmap(TraceLine line, TraceEvent.DmaUnmap unmap, boolean mapped) {
    if (!any) {
      return false;
    }
    String range = unmap.device() + " " + unmap.dmaAddress();
    String last = lastUnmapped.put(PieceJoin.context(line), mapped ? range : "");
    return !mapped && range.equals(last);
  }
}
