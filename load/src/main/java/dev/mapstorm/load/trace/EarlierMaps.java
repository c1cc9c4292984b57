package dev.mapstorm.load.trace;

import dev.mapstorm.protocol.Granule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells which unmaps take back what was mapped before the trace begins: those of addresses that the
 * trace has not mapped, where the page tables held something. Not thread safe.
 */
final class EarlierMaps {
  private final Map<String, Set<Long>> mapped = new HashMap<>();

  /** Granules that a context last unmapped though nothing was there. */
  private final Map<Long, Long> nothingAt = new HashMap<>();

  /** The trace maps here. */
  void mapped(String device, long dmaAddress) {
    mapped.computeIfAbsent(device, key -> new HashSet<>()).add(Granule.pfn(dmaAddress));
  }

  /** Page tables are cleared. */
  void unmapped(TraceLine line, TraceEvent.IommuUnmap range) {
    long context = PieceJoin.context(line);
    if (range.unmappedSize() == 0) {
      nothingAt.put(context, Granule.pfn(range.iova()));
    } else {
      nothingAt.remove(context);
    }
  }

  /** Whether an unmap that no map of the trace explains is of one before; asked once for each. */
  boolean mayStand(TraceLine line, String device, long dmaAddress) {
    Set<Long> known = mapped.computeIfAbsent(device, key -> new HashSet<>());
    Long nothing = nothingAt.remove(PieceJoin.context(line));
    boolean held = nothing == null || nothing != Granule.pfn(dmaAddress);
    return known.add(Granule.pfn(dmaAddress)) && held;
  }
}
