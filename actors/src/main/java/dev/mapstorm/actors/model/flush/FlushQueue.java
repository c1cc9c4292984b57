package dev.mapstorm.actors.model.flush;

import dev.mapstorm.actors.model.percpu.PerCpu;

/**
 * The flush queue of a domain in lazy mode: ranges that are unmapped but may still be cached wait
 * here until the IOTLB has been flushed ({@code queue_iova}, {@code fq_ring_*}, {@code
 * fq_flush_timeout}, {@code drivers/iommu/dma-iommu.c} in Linux 6.12).
 *
 * <p>A ring for each CPU, or a single one for all; a ring of {@code n} entries holds {@code n - 1}.
 * It takes memory once something is queued to it. A flush is two steps, because time passes between
 * them: {@link #flushStarted} and {@link #flushFinished} count ({@code fq_flush_start_cnt}, {@code
 * fq_flush_finish_cnt}). An entry carries the count of flushes started when it was queued and may
 * be reclaimed once more flushes than that have finished, so one that started after it was queued
 * is among them.
 *
 * <p>How Linux goes through it, each step under the lock of the ring it names:
 *
 * <ul>
 *   <li>{@code queue_iova} on a CPU: {@link #reclaim} its ring; if {@link #full}, flush and reclaim
 *       again with the lock held; {@link #add}; and if that answers true, start the timer.
 *   <li>The timer, on the CPU where it fires: {@link #timerFired}; flush, with no lock held; then
 *       {@link #reclaim} every ring in ascending order. That CPU frees all of them.
 * </ul>
 *
 * <p>Not thread safe.
 */
public final class FlushQueue {
  /** {@code IOVA_DEFAULT_FQ_SIZE}: entries of a CPU's ring. */
  public static final int DEFAULT_RING_SIZE = 256;

  /** {@code IOVA_SINGLE_FQ_SIZE}: entries of the single ring. */
  public static final int SINGLE_RING_SIZE = 32768;

  /** {@code IOVA_DEFAULT_FQ_TIMEOUT}: timeout with a ring for each CPU. */
  public static final long DEFAULT_TIMEOUT_NS = 10_000_000L;

  /** {@code IOVA_SINGLE_FQ_TIMEOUT}: timeout with the single ring. */
  public static final long SINGLE_TIMEOUT_NS = 1_000_000_000L;

  private final int cpus;
  private final boolean single;
  private final int ringSize;
  private final long timeoutNs;
  private final IovaReclaimer reclaimer;
  private final PerCpu<FlushRing> rings;
  private long startCount;
  private long finishCount;
  private boolean timerOn;
  private long lost;

  /**
   * @param cpus possible CPUs of the machine
   * @param single whether all CPUs share one ring
   * @param ringSize entries of a ring, a power of two from 2
   * @param timeoutNs from the first entry to the timer, in nanoseconds
   * @param reclaimer is handed what may be reused
   * @throws IllegalArgumentException if a number is out of range
   */
  public FlushQueue(
      int cpus, boolean single, int ringSize, long timeoutNs, IovaReclaimer reclaimer) {
    if (cpus < 1) {
      throw new IllegalArgumentException("a flush queue needs a CPU");
    }
    if (ringSize < 2 || Integer.bitCount(ringSize) != 1) {
      throw new IllegalArgumentException(
          "a flush queue's ring has a power of two of entries, at least 2, not " + ringSize);
    }
    if (timeoutNs < 1) {
      throw new IllegalArgumentException(
          "a flush queue cannot time out after " + timeoutNs + " ns");
    }
    this.cpus = cpus;
    this.single = single;
    this.ringSize = ringSize;
    this.timeoutNs = timeoutNs;
    this.reclaimer = reclaimer;
    rings = new PerCpu<>(rings());
  }

  /** A ring of 256 entries for each CPU, 10 ms: what x86 and Arm use. */
  public static FlushQueue perCpu(int cpus, IovaReclaimer reclaimer) {
    return new FlushQueue(cpus, false, DEFAULT_RING_SIZE, DEFAULT_TIMEOUT_NS, reclaimer);
  }

  /** One ring of 32768 entries, 1 s: for units whose flush is expensive, as in s390 guests. */
  public static FlushQueue single(int cpus, IovaReclaimer reclaimer) {
    return new FlushQueue(cpus, true, SINGLE_RING_SIZE, SINGLE_TIMEOUT_NS, reclaimer);
  }

  /** Number of rings: one for each CPU, or 1. */
  public int rings() {
    return single ? 1 : cpus;
  }

  /** The ring that {@code cpu} queues to. */
  public int ringOf(int cpu) {
    if (cpu < 0 || cpu >= cpus) {
      throw new IllegalArgumentException("CPU " + cpu + " is not one of " + cpus);
    }
    return single ? 0 : cpu;
  }

  /**
   * Frees the entries of a ring that a finished flush allows, oldest first, up to the first that
   * must wait ({@code fq_ring_free_locked}).
   *
   * @param cpu the CPU that does it
   * @return entries freed
   */
  public int reclaim(int ring, int cpu) {
    FlushRing queued = rings.get(ring);
    int freed = 0;
    while (queued != null && queued.held() > 0 && queued.oldestCounter() < finishCount) {
      freed++;
      queued.reclaimOldest(cpu, reclaimer);
    }
    return freed;
  }

  /**
   * Hands over all that a ring holds, oldest first, whatever was flushed: for whoever makes the
   * units forget just these ranges. Not in Linux.
   *
   * @param cpu the CPU that does it
   */
  public void drain(int ring, int cpu) {
    FlushRing queued = rings.get(ring);
    while (queued != null && queued.held() > 0) {
      queued.reclaimOldest(cpu, reclaimer);
    }
  }

  /** Whether a ring takes no further entry ({@code fq_full}). */
  public boolean full(int ring) {
    FlushRing queued = rings.get(ring);
    return queued != null && queued.isFull();
  }

  /**
   * Queues an unmapped range on the ring of {@code cpu}.
   *
   * <p>If the ring is full, it forgets all it holds, this range included, as in Linux: {@code
   * fq_ring_add} does not look, and the ring then appears empty. This can happen after a flush of
   * the full ring if another flush, started before its oldest entry was queued, is still under way.
   * {@link #lost} counts these.
   *
   * @param rangePfn first page frame of the range
   * @param rangePages pages of the range
   * @param freedTablePages page-table pages that its unmapping freed
   * @return whether the timer was off: it is now on, and the caller must have it fire after {@link
   *     #timeoutNs}
   */
  public boolean add(int cpu, long rangePfn, long rangePages, int freedTablePages) {
    int ring = ringOf(cpu);
    FlushRing queued = rings.get(ring);
    if (queued == null) {
      queued = new FlushRing(ringSize);
      rings.set(ring, queued);
    }
    lost += queued.add(rangePfn, rangePages, freedTablePages, startCount);
    boolean arm = !timerOn;
    timerOn = true;
    return arm;
  }

  /** A flush of the whole domain begins. Returns how many have begun. */
  public long flushStarted() {
    return ++startCount;
  }

  /**
   * A flush is finished. Returns how many are.
   *
   * @throws IllegalStateException if none is under way
   */
  public long flushFinished() {
    if (finishCount == startCount) {
      throw new IllegalStateException("no flush is under way");
    }
    return ++finishCount;
  }

  /**
   * The timer fires: it is off until the next entry is queued.
   *
   * @throws IllegalStateException if it is not on
   */
  public void timerFired() {
    if (!timerOn) {
      throw new IllegalStateException("the flush queue's timer is not on");
    }
    timerOn = false;
  }

  /** Whether the timer is on ({@code fq_timer_on}). */
  public boolean timerOn() {
    return timerOn;
  }

  /** Nanoseconds from the first entry to the timer. */
  public long timeoutNs() {
    return timeoutNs;
  }

  /** Flushes started ({@code fq_flush_start_cnt}). */
  public long flushesStarted() {
    return startCount;
  }

  /** Flushes finished ({@code fq_flush_finish_cnt}). */
  public long flushesFinished() {
    return finishCount;
  }

  /** Entries that a ring holds. */
  public int size(int ring) {
    FlushRing queued = rings.get(ring);
    return queued == null ? 0 : queued.held();
  }

  /** Shown each entry of a ring. */
  @FunctionalInterface
  public interface EntryVisitor {
    /** A range of {@code pages} granules from {@code pfn} on waits. */
    void entry(long pfn, long pages);
  }

  /** Shows the entries that a ring holds, oldest first. */
  public void forEachQueued(int ring, EntryVisitor visitor) {
    FlushRing queued = rings.get(ring);
    if (queued != null) {
      queued.forEach(visitor);
    }
  }

  /**
   * Entries that were forgotten by a full ring, see {@link #add}. Their ranges are never reused.
   */
  public long lost() {
    return lost;
  }
}
