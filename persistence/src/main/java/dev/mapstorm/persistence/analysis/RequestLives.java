package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.LongIntMap;
import dev.mapstorm.persistence.replay.RequestKey;
import dev.mapstorm.persistence.replay.SlotPool;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * Follows each request of a host from its first event to its {@code request-done} and then hands
 * its milestones to {@link LatencyFigures} and {@link BatchFigures}. A request that is never done
 * is kept to the end.
 */
final class RequestLives implements EventSink {
  /** Words of a life: eight, so that a life is a cache line. */
  private static final int WORDS = 8;

  static final int REQUESTED = 0;
  static final int MAPPED = 1;
  static final int SUBMITTED = 2;
  static final int TRANSLATED = 3;
  static final int COMPLETED = 4;
  static final int UNMAPPED = 5;
  static final int STALL = 6;
  private static final int KIND = 7;

  /** Bits of {@link #KIND}: direction, api, and one more than the row of the first mapping. */
  private static final int DIRECTION_BITS = 2;

  private static final int API_BITS = 6;
  private static final int ROW_SHIFT = DIRECTION_BITS + API_BITS;

  /** A milestone that was not passed. */
  static final long NEVER = Long.MIN_VALUE;

  private final LatencyFigures latency;
  private final BatchFigures batches;
  private final LongIntMap slotOf = new LongIntMap();
  private final SlotPool slots = new SlotPool();
  private long[] lives = new long[64 * WORDS];

  RequestLives(LatencyFigures latency, BatchFigures batches) {
    this.latency = latency;
    this.batches = batches;
  }

  /** Where the life of a request begins, or -1 if its first event was not seen. */
  private int find(int client, long op) {
    int slot = slotOf.get(RequestKey.of(client, op));
    return slot == LongIntMap.ABSENT ? -1 : slot * WORDS;
  }

  private void pass(int client, long op, int milestone, long t) {
    int at = find(client, op);
    if (at >= 0) {
      lives[at + milestone] = t;
    }
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    int slot = slots.acquire();
    int at = slot * WORDS;
    if (at >= lives.length) {
      lives = Arrays.copyOf(lives, lives.length * 2);
    }
    Arrays.fill(lives, at, at + STALL, NEVER);
    lives[at + REQUESTED] = t;
    lives[at + STALL] = 0;
    lives[at + KIND] = (long) api << DIRECTION_BITS | direction;
    slotOf.put(RequestKey.of(client, op), slot);
  }

  @Override
  public void mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs) {
    int at = find(client, op);
    if (at < 0) {
      return;
    }
    lives[at + MAPPED] = t;
    long kind = lives[at + KIND];
    int row = batches.mapped(domain, mapping, api(kind), Granule.spanned(offset, bytes), callNs);
    if (kind >>> ROW_SHIFT == 0) {
      lives[at + KIND] = kind | (long) (row + 1) << ROW_SHIFT;
    }
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    batches.unmapped(domain, mapping, callNs);
    pass(client, op, UNMAPPED, t);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    pass(client, op, SUBMITTED, t);
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    int at = find(client, op);
    if (at >= 0) {
      lives[at + TRANSLATED] = t;
      lives[at + STALL] += stallNs;
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    pass(client, op, COMPLETED, t);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    int slot = slotOf.remove(RequestKey.of(client, op));
    if (slot == LongIntMap.ABSENT) {
      return;
    }
    int at = slot * WORDS;
    long kind = lives[at + KIND];
    latency.done(api(kind), direction(kind), lives, at, t, latencyNs);
    if (kind >>> ROW_SHIFT != 0) {
      batches.done((int) (kind >>> ROW_SHIFT) - 1, latencyNs);
    }
    slots.release(slot);
  }

  private static int direction(long kind) {
    return (int) kind & (1 << DIRECTION_BITS) - 1;
  }

  private static int api(long kind) {
    return (int) (kind >>> DIRECTION_BITS) & (1 << API_BITS) - 1;
  }
}
