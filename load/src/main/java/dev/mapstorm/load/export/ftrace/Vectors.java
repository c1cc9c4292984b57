package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.actors.model.sg.SgLayout;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.Granule;

/**
 * The DMA vectors of a list. The journal keeps their number and the first one's address; the others
 * follow from the ranges. Not thread-safe.
 */
final class Vectors {
  /** For a batch, whose vectors neither boundary nor length limits. */
  private static final long NO_BOUNDARY = (1L << 57) - 1;

  private static final long NO_LIMIT = (1L << 32) - 1;

  private final RunOutline run;
  private final SgLayout layout = new SgLayout(Granule.BYTES);
  private long[] address = {};
  private long[] length = {};

  Vectors(RunOutline run) {
    this.run = run;
  }

  /** Of a direct map: each range is a vector. */
  void direct(long[] phys, int[] lengths) {
    address = phys;
    length = new long[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      length[i] = lengths[i];
    }
  }

  /**
   * Of a list behind {@code pfn}: those of {@code dma_map_sg}, or, if that does not give as many,
   * those of a batch.
   *
   * @param count as many as there are
   */
  void translated(long pfn, long[] phys, int[] lengths, int count) {
    place(pfn, phys, lengths, run.segmentBoundaryMask(), run.maxSegmentBytes());
    if (layout.vectors() != count) {
      place(pfn, phys, lengths, NO_BOUNDARY, NO_LIMIT);
    }
    address = new long[layout.vectors()];
    length = new long[layout.vectors()];
    for (int i = 0; i < address.length; i++) {
      address[i] = layout.vectorAddress(i);
      length[i] = layout.vectorLength(i);
    }
  }

  private void place(long pfn, long[] phys, int[] lengths, long boundary, long limit) {
    layout.measure(phys, lengths, phys.length, boundary, limit);
    layout.place(pfn << Granule.SHIFT);
  }

  /** DMA address of each. */
  long[] address() {
    return address;
  }

  /** Bytes of each. */
  long[] length() {
    return length;
  }
}
