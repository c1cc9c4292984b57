package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.vtd.InvalidationDescriptor;
import dev.mapstorm.actors.model.vtd.PsiRange;
import dev.mapstorm.load.trace.TraceEvent.CacheTagFlushAll;
import dev.mapstorm.load.trace.TraceEvent.CacheTagFlushRange;
import dev.mapstorm.load.trace.TraceEvent.QiSubmit;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares each VT-d invalidation of a trace with what {@link PsiRange} and {@link
 * InvalidationDescriptor} compute: the range flush of an unmap must be for the unmapped range, name
 * the block that the model covers it with, and be followed, in the same context, by the descriptor
 * that the model makes of it; a flush of a whole domain by a domain-selective descriptor.
 *
 * <p>The invalidation hint is predicted too: it is missing if the unmap freed a page-table page,
 * which needs an unmapped range that covers one, 2 MiB aligned. Device-TLB tags are not compared.
 */
final class InvalidationCheck {
  static final String IOTLB = "iotlb";
  private static final long TABLE_BYTES = 1L << 21;
  private static final int MOST_SHOWN = 10;
  private static final int DOMAIN_SHIFT = 16;
  private static final int DOMAIN_MASK = 0xffff;

  /** {@code QI_IOTLB_IH}. */
  private static final long HINT = 1 << 6;

  /** The two words of a descriptor. */
  private record Words(long qw0, long qw1) {}

  private final PsiRange psi = new PsiRange();
  private final InvalidationDescriptor descriptor = new InvalidationDescriptor();
  private final Map<Long, ArrayDeque<Words>> expected = new HashMap<>();
  private final List<String> shown = new ArrayList<>();
  private long rangeFlushes;
  private long wholeFlushes;
  private long descriptors;
  private long mismatches;
  private long unexpected;

  /** A range flush in a context, within an unmap or not. */
  void rangeFlush(
      TraceLine line, long context, CacheTagFlushRange flush, Optional<Operation> unmap) {
    if (!flush.type().equals(IOTLB)) {
      return;
    }
    if (unmap.isEmpty()) {
      unexpected++;
      return;
    }
    rangeFlushes++;
    long start = unmap.get().pfn << Granule.SHIFT;
    long last = start + (unmap.get().pages << Granule.SHIFT) - 1;
    psi.cover(start, last);
    if (flush.start() != start
        || flush.last() != last
        || flush.address() != psi.address()
        || flush.mask() != psi.order()) {
      mismatch(
          line,
          "range 0x%x-0x%x, block 0x%x order %d".formatted(start, last, psi.address(), psi.order()),
          "range 0x%x-0x%x, block 0x%x order %d"
              .formatted(flush.start(), flush.last(), flush.address(), flush.mask()));
    }
    descriptor.iotlb(flush.domainId(), psi, !coversTable(start, last));
    expect(context);
  }

  /** A flush of a whole domain in a context. */
  void wholeFlush(long context, CacheTagFlushAll flush) {
    if (flush.type().equals(IOTLB)) {
      wholeFlushes++;
      psi.coverAll();
      descriptor.iotlb(flush.domainId(), psi, false);
      expect(context);
    }
  }

  /** An IOTLB invalidation descriptor submitted in a context. */
  void submitted(TraceLine line, long context, QiSubmit submit) {
    ArrayDeque<Words> words = expected.get(context);
    if (words == null || words.isEmpty()) {
      unexpected++;
      return;
    }
    descriptors++;
    Words model = words.removeFirst();
    if (submit.qw0() != model.qw0() || submit.qw1() != model.qw1()) {
      mismatch(
          line,
          "descriptor 0x%x 0x%x".formatted(model.qw0(), model.qw1()),
          "descriptor 0x%x 0x%x".formatted(submit.qw0(), submit.qw1()));
    }
  }

  /**
   * A descriptor of a kernel without events of cache tags, which is compared with what the model
   * makes of the unmap itself. The hint is not: Linux up to 6.9 never sets it.
   *
   * @param unmap the unmap of its context; empty if there is none
   * @param range whether it is page-selective, not domain-selective
   */
  void untagged(TraceLine line, QiSubmit submit, Optional<Operation> unmap, boolean range) {
    if (range && unmap.isEmpty()) {
      unexpected++;
      return;
    }
    if (range) {
      rangeFlushes++;
      long start = unmap.get().pfn << Granule.SHIFT;
      psi.cover(start, start + (unmap.get().pages << Granule.SHIFT) - 1);
    } else {
      wholeFlushes++;
      psi.coverAll();
    }
    descriptor.iotlb((int) (submit.qw0() >>> DOMAIN_SHIFT & DOMAIN_MASK), psi, false);
    descriptors++;
    if (submit.qw0() != descriptor.qw0() || (submit.qw1() & ~HINT) != descriptor.qw1()) {
      mismatch(
          line,
          "descriptor 0x%x 0x%x".formatted(descriptor.qw0(), descriptor.qw1()),
          "descriptor 0x%x 0x%x".formatted(submit.qw0(), submit.qw1()));
    }
  }

  /** The counts so far. */
  InvalidationConformance conformance() {
    return new InvalidationConformance(
        rangeFlushes, wholeFlushes, descriptors, mismatches, unexpected, List.copyOf(shown));
  }

  private void expect(long context) {
    expected
        .computeIfAbsent(context, key -> new ArrayDeque<>())
        .addLast(new Words(descriptor.qw0(), descriptor.qw1()));
  }

  private void mismatch(TraceLine line, String model, String kernel) {
    mismatches++;
    if (shown.size() < MOST_SHOWN) {
      shown.add("line %d: kernel %s, model %s".formatted(line.number(), kernel, model));
    }
  }

  private static boolean coversTable(long start, long last) {
    long firstTable = (start + TABLE_BYTES - 1) & -TABLE_BYTES;
    return firstTable + TABLE_BYTES - 1 <= last;
  }
}
