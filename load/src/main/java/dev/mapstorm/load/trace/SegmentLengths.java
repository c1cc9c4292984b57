package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.DmaMapSg;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Granule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the lengths of the segments of a scatter list, which {@code dma_map_sg} does not print: it
 * prints the starts of the inputs and the sizes of the outputs, which may be merged.
 *
 * <p>{@code iommu_dma_map_sg} lays the segments one after the other into one IOVA range, each
 * padded to whole granules, and {@code iommu_map_sg} logs a piece for each run of physically
 * contiguous ones. So the start of the next segment is found inside the current piece or at the
 * start of the next, which gives the padded length. {@code __finalise_sg} ends an output after a
 * segment that does not fill its last granule, so all but the last segment of an output fill
 * theirs, and the size of the output gives the exact length of its last.
 */
final class SegmentLengths {
  /** Bounds the search: so many placements for each segment. */
  private static final int MOST_STEPS = 64;

  private final DmaMapSg list;
  private final List<IommuMap> pieces;
  private final long[] starts;
  private final int[] pieceOf;

  private SegmentLengths(DmaMapSg list, List<IommuMap> pieces) {
    this.list = list;
    this.pieces = pieces;
    this.starts = new long[list.paddrs().length + 1];
    this.pieceOf = new int[list.paddrs().length];
  }

  /**
   * Lengths of the segments of a list that was not translated: an output for each input.
   *
   * @return empty if outputs are merged or missing
   */
  static Optional<long[]> untranslated(DmaMapSg list) {
    return list.truncated() || list.sizes().length != list.paddrs().length
        ? Optional.empty()
        : Optional.of(list.sizes());
  }

  /**
   * Lengths of the segments of a list that was translated. Where the trace cuts the outputs off,
   * segments are taken to fill their granules.
   *
   * @param pieces the pieces that were mapped for it, the whole range
   * @return empty if pieces and list do not fit
   */
  static Optional<long[]> translated(DmaMapSg list, List<IommuMap> pieces) {
    SegmentLengths search = new SegmentLengths(list, pieces);
    return list.paddrs().length > 0 && list.paddrs().length == list.inputs() && search.findStarts()
        ? search.exact()
        : Optional.empty();
  }

  /**
   * Places the segments one by one. A start can fit both inside the current piece and at the next
   * one, when two segments share a page; the last such choice is then taken back if what follows
   * does not fit.
   */
  private boolean findStarts() {
    int segments = list.paddrs().length;
    if (pieces.get(0).paddr() != page(list.paddrs()[0])) {
      return false;
    }
    starts[0] = pieces.get(0).iova();
    IommuMap last = pieces.get(pieces.size() - 1);
    starts[segments] = last.iova() + last.size();
    int i = 1;
    for (int steps = 0; steps < MOST_STEPS * segments; steps++) {
      if (i == segments && pieceOf[i - 1] == pieces.size() - 1) {
        return true;
      }
      if (i < segments && (placeInside(i) || placeAtNext(i))) {
        i++;
      } else {
        i = takeBack(i - 1);
        if (i == 0) {
          return false;
        }
      }
    }
    return false;
  }

  private boolean placeInside(int i) {
    IommuMap piece = pieces.get(pieceOf[i - 1]);
    long within = page(list.paddrs()[i]) - piece.paddr();
    if (piece.iova() + within <= starts[i - 1] || within >= piece.size()) {
      return false;
    }
    starts[i] = piece.iova() + within;
    pieceOf[i] = pieceOf[i - 1];
    return true;
  }

  private boolean placeAtNext(int i) {
    int next = pieceOf[i - 1] + 1;
    if (next == pieces.size() || pieces.get(next).paddr() != page(list.paddrs()[i])) {
      return false;
    }
    starts[i] = pieces.get(next).iova();
    pieceOf[i] = next;
    return true;
  }

  /** Moves the last segment that can be moved, and answers the one after it; 0 if there is none. */
  private int takeBack(int from) {
    for (int i = from; i > 0; i--) {
      if (pieceOf[i] == pieceOf[i - 1] && placeAtNext(i)) {
        return i + 1;
      }
    }
    return 0;
  }

  private Optional<long[]> exact() {
    long[] paddrs = list.paddrs();
    long[] sizes = list.sizes();
    long[] lengths = new long[paddrs.length];
    int output = -1;
    long left = 0;
    for (int i = 0; i < paddrs.length; i++) {
      if (left == 0 && output < sizes.length) {
        output++;
        if (output < sizes.length) {
          left = sizes[output];
          if (page(list.dmaAddresses()[output]) != starts[i]) {
            return Optional.empty();
          }
        }
      }
      long most = starts[i + 1] - starts[i] - Granule.offset(paddrs[i]);
      lengths[i] = output < sizes.length ? Math.min(most, left) : most;
      left -= output < sizes.length ? lengths[i] : 0;
    }
    boolean complete = left == 0 && (output == sizes.length - 1 || list.truncated());
    return complete && Arrays.stream(lengths).allMatch(length -> length > 0)
        ? Optional.of(lengths)
        : Optional.empty();
  }

  private static long page(long address) {
    return address & -Granule.BYTES;
  }
}
