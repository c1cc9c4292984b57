package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.model.blk.Bio;
import dev.mapstorm.actors.model.blk.BlkRequest;
import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.protocol.Granule;
import java.util.List;

/**
 * The block layer above a client: makes segments of a request's pieces and says whether they are
 * one range of IOVA. Holds what its specification says as plain fields, so that a checkpoint can.
 */
final class BlockLayer {
  private final BlkRule rule;
  private final long virtBoundary;
  private final long maxSegmentSize;
  private final long segBoundary;

  BlockLayer(BlockSpec spec) {
    rule = spec.rule();
    virtBoundary = spec.limits().virtBoundary();
    maxSegmentSize = spec.limits().maxSegmentSize();
    segBoundary = spec.limits().segBoundary();
  }

  /**
   * Puts segments in the place of a request's pieces.
   *
   * @return whether they can be one range
   */
  boolean prepare(DmaRequest request) {
    BlkRequest segments = segments(request.phys, request.length);
    request.segments(segments);
    return rule.oneRange(segments, Granule.BYTES - 1);
  }

  /** A request of one bio with these pieces, each a vector. */
  private BlkRequest segments(long[] phys, int[] length) {
    int n = phys.length;
    long[] pages = new long[n];
    long[] offsets = new long[n];
    long[] lengths = new long[n];
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      offsets[i] = Granule.offset(phys[i]);
      pages[i] = phys[i] - offsets[i];
      lengths[i] = length[i];
      bytes += lengths[i];
    }
    return new BlkRequest(
        new QueueLimits(virtBoundary, maxSegmentSize, segBoundary),
        List.of(new Bio(0, bytes, pages, offsets, lengths)));
  }

  /** Whether the error of a link is lost, and the request continues. */
  boolean losesLinkErrors() {
    return !rule.destroysOnError();
  }
}
