package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.List;

/**
 * Page-table writes that follow each other in one IOVA range: the physically contiguous pieces of
 * one request ({@code iommu_map_sg} logs one {@code iommu:map} each). Not thread safe.
 */
public final class PieceGroup {
  private final List<IommuMap> pieces = new ArrayList<>();
  private final TraceLine first;

  PieceGroup(TraceLine line, IommuMap piece) {
    first = line;
    pieces.add(piece);
  }

  /** The pieces, by ascending IOVA without holes. */
  public List<IommuMap> pieces() {
    return pieces;
  }

  /** First IOVA of the range. */
  public long start() {
    return pieces.get(0).iova();
  }

  /** End of the range, exclusive. */
  public long end() {
    IommuMap last = pieces.get(pieces.size() - 1);
    return last.iova() + last.size();
  }

  /** Adds a piece if it continues the range. */
  boolean append(IommuMap piece) {
    return piece.iova() == end() && pieces.add(piece);
  }

  /** Whether the range begins with the granule of a DMA address. */
  boolean beginsAt(long dmaAddress) {
    return Granule.pfn(start()) == Granule.pfn(dmaAddress);
  }
}
