package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DomainMessage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.LongPredicate;

/**
 * A call into a domain of {@link DmaIommu}: what it came for and how far it is. Not thread-safe.
 */
final class IovaCall extends DomainCall {
  private static final int NOBODY = -1;

  /** What a call came for. */
  enum Purpose {
    /** {@code dma_map_page}. */
    MAP_PAGE,
    /** {@code dma_map_sg}. */
    MAP_SG,
    /** {@code dma_alloc_coherent}. */
    ALLOC_COHERENT,
    /** To open a batch. */
    START_BATCH,
    /** {@code dma_iova_try_alloc}. */
    TRY_ALLOC,
    /** To add to what is allocated: entries of a batch, or linked ranges. */
    ADD,
    /** To make a batch or a two-step mapping usable. */
    PUBLISH,
    /** To unmap, and to give the IOVA back. */
    UNMAP,
    /** {@code dma_iova_unlink}: the IOVA stays. */
    UNLINK,
    /** The timer of the flush queue. */
    FLUSH_TIMER,
    /** The worker that trims the depot of the IOVA caches. */
    DEPOT_WORK
  }

  /** What a call does when it is resumed. */
  enum Step {
    /** Look for an IOVA in the CPU's caches. */
    ALLOCATE_CACHED,
    /** Look for an IOVA in the tree. */
    ALLOCATE_TREE,
    /** Entries are written; tell the units. */
    SYNC_MAP,
    /** Entries are cleared; make the IOTLB forget them, now or later. */
    CLEARED,
    /** A flush has begun; make the IOTLB forget the whole domain. */
    FLUSH,
    /** Free the call's own IOVA. */
    FREE,
    /** The flush-queue lock is taken; free what may be reclaimed from the ring. */
    RECLAIM,
    /** Leave the flush-queue lock. */
    LEAVE_RING
  }

  Purpose purpose = Purpose.MAP_PAGE;
  Step step = Step.FREE;

  /** What the client asked for; null where nobody called. */
  DomainMessage.DmaCall message;

  long startedAt;

  /** IOVA: asked and found. */
  long pages;

  long pfn;
  long limitPfn;
  boolean within32Bit;

  int mapping;
  boolean lazy;

  /** Flush queue: ring in hand, whether the call flushes the domain and has done so. */
  int ring;

  boolean flushing;
  boolean flushed;

  /** Ranges that the flush queue released, and how many of them are free. */
  long reclaimed;

  private long[] reclaim = new long[16];
  private int reclaimNext;
  private int reclaimEnd;

  /** A call of a client. */
  void begin(int slot, Purpose what, DomainMessage.DmaCall call, long now) {
    begin(slot, call.client(), call.cpu(), call.op(), now);
    begin(what, call);
  }

  /** A call of the kernel itself. */
  void begin(int slot, Purpose what, int onCpu, long now) {
    begin(slot, NOBODY, onCpu, NOBODY, now);
    begin(what, null);
  }

  private void begin(Purpose what, DomainMessage.DmaCall call) {
    purpose = what;
    message = call;
    pfn = 0;
    mapping = -1;
    lazy = false;
    flushing = false;
    flushed = false;
    reclaimed = 0;
    reclaimNext = 0;
    reclaimEnd = 0;
  }

  /** Whether nobody called: the timer came. */
  boolean isTimer() {
    return purpose == Purpose.FLUSH_TIMER;
  }

  /** Notes a range that the flush queue released. */
  void toReclaim(long firstPfn, long count) {
    if (reclaimEnd + 2 > reclaim.length) {
      reclaim = Arrays.copyOf(reclaim, reclaim.length * 2);
    }
    reclaim[reclaimEnd++] = firstPfn;
    reclaim[reclaimEnd++] = count;
  }

  /** Whether all ranges to reclaim have sizes that {@code accepted} accepts. */
  boolean allReclaims(LongPredicate accepted) {
    for (int i = reclaimNext + 1; i < reclaimEnd; i += 2) {
      if (!accepted.test(reclaim[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * Has the units told of all ranges to reclaim, at once and of nothing else; neighbours are one
   * range.
   */
  void syncReclaims() {
    int count = (reclaimEnd - reclaimNext) / 2;
    long[][] sorted = new long[count][];
    for (int i = 0; i < count; i++) {
      int at = reclaimNext + 2 * i;
      sorted[i] = new long[] {reclaim[at], reclaim[at + 1]};
    }
    Arrays.sort(sorted, Comparator.comparingLong(range -> range[0]));
    syncNothing();
    for (int i = 0; i < count; ) {
      long pfn = sorted[i][0];
      long end = pfn;
      while (i < count && sorted[i][0] == end) {
        end += sorted[i++][1];
      }
      toSync(pfn, end - pfn, Granule.SHIFT, false);
    }
    syncTogether();
  }

  boolean hasReclaims() {
    return reclaimNext < reclaimEnd;
  }

  long reclaimPfn() {
    return reclaim[reclaimNext];
  }

  long reclaimPages() {
    return reclaim[reclaimNext + 1];
  }

  void reclaimedOne() {
    reclaimed++;
    reclaimNext += 2;
    if (reclaimNext == reclaimEnd) {
      reclaimNext = 0;
      reclaimEnd = 0;
    }
  }

  /** The call as it is between two steps. */
  CallInProgress show() {
    boolean leaves = step == Step.LEAVE_RING;
    CallInProgress.Purpose shown =
        switch (purpose) {
          case UNMAP, UNLINK -> CallInProgress.Purpose.UNMAP;
          case FLUSH_TIMER -> CallInProgress.Purpose.TIMER;
          default -> CallInProgress.Purpose.MAP;
        };
    return new CallInProgress(
        id,
        shown,
        client,
        cpu,
        op,
        takesBack,
        isTimer() ? 0 : pages,
        shown == CallInProgress.Purpose.UNMAP && leaves,
        isTimer() || flushing && !leaves,
        ring,
        Arrays.copyOfRange(reclaim, reclaimNext, reclaimEnd),
        syncPfn(),
        syncPages());
  }
}
