package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.protocol.message.DomainMessage;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * A CPU inside a domain's code: what it came for, how far it is, and its place in time. {@link #at}
 * runs ahead of the clock within a step; a step that has to be at its own instant (a lock that
 * others contend for, the end of an open section) is resumed when the clock gets there. Not
 * thread-safe.
 */
public final class DomainCall implements LockUser {

  /** What a call does when it is resumed. */
  public enum Step {
    /** Look for an IOVA in the CPU's caches. */
    ALLOCATE_CACHED,
    /** Look for an IOVA in the tree. */
    ALLOCATE_TREE,
    /** Entries are cleared; make the IOTLB forget them, now or later. */
    CLEARED,
    /** The cache lock is taken; post the invalidation. */
    INVALIDATE,
    /** Free the call's own IOVA. */
    FREE,
    /** The flush-queue lock is taken; free what may be reclaimed from the ring. */
    RECLAIM,
    /** Leave the flush-queue lock. */
    LEAVE_RING
  }

  public int number;

  /** Its domain and its number there in events; 0 until it has one. */
  public int domain;

  public long id;
  public DomainMessage message;
  public Step step = Step.FREE;
  public int client;
  public int cpu;
  public long op;
  public long at;
  public long startedAt;

  /** IOVA: asked and found. */
  public long pages;

  public long pfn;
  public long limitPfn;
  public boolean within32Bit;

  public int mapping;

  /** The mapping that it takes back, as events name it; -1 for other calls. */
  public long takesBack;

  public boolean lazy;
  public boolean freesIova;

  /** Ranges whose translations go, one invalidation each: pairs of first granule and count. */
  private long[] gathered = new long[2];

  private int gatheredWords;
  private int invalidating;

  /** Flush queue: ring in hand, what to reclaim, and whether the call is the timer's. */
  public int ring;

  public boolean timer;
  public boolean flushed;
  public boolean wholeDomain;
  public long reclaimed;
  private long[] reclaim = new long[16];
  private int reclaimNext;
  private int reclaimEnd;

  public void begin(int slot, DomainMessage what, int byClient, int onCpu, long ofOp, long now) {
    number = slot;
    id = 0;
    message = what;
    client = byClient;
    cpu = onCpu;
    op = ofOp;
    at = now;
    pfn = 0;
    mapping = -1;
    takesBack = -1;
    lazy = false;
    freesIova = true;
    timer = false;
    flushed = false;
    wholeDomain = false;
    reclaimed = 0;
    reclaimNext = 0;
    reclaimEnd = 0;
    gatheredWords = 0;
    invalidating = 0;
  }

  @Override
  public int cpu() {
    return cpu;
  }

  @Override
  public int domain() {
    return domain;
  }

  @Override
  public long call() {
    return id;
  }

  /** Notes a range that has to be invalidated. */
  public void toInvalidate(long firstPfn, long count) {
    if (gatheredWords == gathered.length) {
      gathered = Arrays.copyOf(gathered, gatheredWords * 2);
    }
    gathered[gatheredWords++] = firstPfn;
    gathered[gatheredWords++] = count;
  }

  /** First granule of the range to invalidate now; 0 for the whole domain. */
  public long invalidationPfn() {
    return wholeDomain ? 0 : gathered[invalidating];
  }

  /** Granules to invalidate now; 0 for the whole domain. */
  public long invalidationPages() {
    return wholeDomain ? 0 : gathered[invalidating + 1];
  }

  /** Whether another range has to be invalidated behind the present one, which is done. */
  public boolean nextInvalidation() {
    invalidating += 2;
    return invalidating < gatheredWords;
  }

  /** Notes a range that the flush queue released. */
  public void toReclaim(long firstPfn, long count) {
    if (reclaimEnd + 2 > reclaim.length) {
      reclaim = Arrays.copyOf(reclaim, reclaim.length * 2);
    }
    reclaim[reclaimEnd++] = firstPfn;
    reclaim[reclaimEnd++] = count;
  }

  /** Whether all ranges to reclaim have sizes that {@code accepted} accepts. */
  public boolean allReclaims(LongPredicate accepted) {
    for (int i = reclaimNext + 1; i < reclaimEnd; i += 2) {
      if (!accepted.test(reclaim[i])) {
        return false;
      }
    }
    return true;
  }

  /** The call as it is between two steps. */
  public CallInProgress show() {
    boolean unmaps =
        message instanceof DomainMessage.Unmap
            || message instanceof DomainMessage.IovaDestroy
            || message instanceof DomainMessage.IovaFree
            || message instanceof DomainMessage.IovaUnlink;
    boolean leaves = step == Step.LEAVE_RING;
    boolean invalidates = wholeDomain || invalidating < gatheredWords;
    CallInProgress.Purpose other =
        timer ? CallInProgress.Purpose.TIMER : CallInProgress.Purpose.MAP;
    return new CallInProgress(
        id,
        unmaps ? CallInProgress.Purpose.UNMAP : other,
        client,
        cpu,
        op,
        takesBack,
        timer ? 0 : pages,
        unmaps && leaves,
        timer || wholeDomain && !leaves,
        ring,
        Arrays.copyOfRange(reclaim, reclaimNext, reclaimEnd),
        invalidates ? invalidationPfn() : 0,
        invalidates ? invalidationPages() : 0);
  }

  public boolean hasReclaims() {
    return reclaimNext < reclaimEnd;
  }

  public long reclaimPfn() {
    return reclaim[reclaimNext];
  }

  public long reclaimPages() {
    return reclaim[reclaimNext + 1];
  }

  public void reclaimedOne() {
    reclaimed++;
    reclaimNext += 2;
    if (reclaimNext == reclaimEnd) {
      reclaimNext = 0;
      reclaimEnd = 0;
    }
  }
}
