package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.LongIntMap;
import dev.mapstorm.persistence.replay.RequestKey;
import dev.mapstorm.persistence.replay.SlotPool;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * Follows each request of a host from its first event to its {@code request-done} and then hands
 * its milestones to {@link LatencyFigures}; meanwhile its mappings to {@link BatchFigures}, and
 * what its calls cost to {@link CallFigures} and {@link ClientFigures} once all of it is mapped,
 * and again once all of it is unmapped. Requests that fail and coherent allocations are never done;
 * they are forgotten when nothing of them is mapped.
 */
final class RequestLives implements EventSink {
  /** The milestones, in the order in which a request passes them. */
  static final int REQUESTED = 0;

  static final int MAP_CALL = 1;
  static final int MAPPED = 2;
  static final int SUBMITTED = 3;
  static final int TRANSLATED = 4;
  static final int COMPLETED = 5;
  static final int UNMAP_CALL = 6;
  static final int UNMAPPED = 7;

  /** How many milestones there are; further words of a life stand behind them. */
  static final int MILESTONES = 8;

  static final int STALL = 8;
  private static final int KIND = 9;
  private static final int FIRST_MAPPING = 10;
  private static final int LAST_MAPPING = 11;

  /** Bytes asked for that are not mapped. */
  private static final int UNMAPPED_BYTES = 12;

  /** What its calls cost so far, first those that map it, then those that unmap it. */
  private static final int COST = 13;

  private static final int WORDS = COST + CallCost.WORDS;

  /** A milestone that was not passed. */
  private static final long NEVER = Long.MIN_VALUE;

  /**
   * Bits of {@link #KIND}: direction, api, failed, all mapped, and one more than the row of a
   * mapping.
   */
  private static final int DIRECTION_BITS = 2;

  private static final int API_BITS = 6;
  private static final long FAILED = 1L << (DIRECTION_BITS + API_BITS);
  private static final long ALL_MAPPED = FAILED << 1;
  private static final int ROW_SHIFT = DIRECTION_BITS + API_BITS + 2;

  private final LatencyFigures latency;
  private final BatchFigures batches;
  private final ClientFigures clients;
  private final CallFigures calls;
  private LongIntMap slotOf = new LongIntMap();
  private SlotPool slots = new SlotPool();
  private long[] lives = new long[64 * WORDS];

  RequestLives(
      LatencyFigures latency, BatchFigures batches, ClientFigures clients, CallFigures calls) {
    this.latency = latency;
    this.batches = batches;
    this.clients = clients;
    this.calls = calls;
  }

  /** Forgets all requests: none will be done any more. */
  void clear() {
    slotOf = new LongIntMap();
    slots = new SlotPool();
    lives = new long[64 * WORDS];
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
    Arrays.fill(lives, at, at + MILESTONES, NEVER);
    lives[at + REQUESTED] = t;
    lives[at + STALL] = 0;
    lives[at + KIND] = (long) api << DIRECTION_BITS | direction;
    lives[at + FIRST_MAPPING] = BatchFigures.END;
    lives[at + LAST_MAPPING] = BatchFigures.END;
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += length[i];
    }
    lives[at + UNMAPPED_BYTES] = bytes;
    Arrays.fill(lives, at + COST, at + WORDS, 0);
    slotOf.put(RequestKey.of(client, op), slot);
  }

  /** A mapping of {@code pages} was handed to its client, by calls of that {@link CallCost}. */
  void mapped(long t, int client, long op, int mapping, long pages, long bytes, long[] cost) {
    calls.mapped(pages, cost);
    int at = find(client, op);
    if (at < 0) {
      return;
    }
    long callNs = cost[CallCost.NS];
    if (lives[at + MAP_CALL] == NEVER) {
      lives[at + MAP_CALL] = t - callNs;
    }
    lives[at + MAPPED] = t;
    long kind = lives[at + KIND];
    int slot = batches.mapped(mapping, api(kind), pages, callNs);
    if (kind >>> ROW_SHIFT == 0) {
      lives[at + KIND] = kind | (long) (batches.row(slot) + 1) << ROW_SHIFT;
    }
    if (lives[at + FIRST_MAPPING] == BatchFigures.END) {
      lives[at + FIRST_MAPPING] = slot;
    } else {
      batches.link((int) lives[at + LAST_MAPPING], slot);
    }
    lives[at + LAST_MAPPING] = slot;
    CallCost.add(lives, at + COST, cost, 0);
    lives[at + UNMAPPED_BYTES] -= bytes;
    if (lives[at + UNMAPPED_BYTES] <= 0) {
      lives[at + KIND] |= ALL_MAPPED;
      calls.requestMapped(lives, at + COST);
      clients.requestMapped(client, lives[at + COST + CallCost.NS]);
      Arrays.fill(lives, at + COST, at + WORDS, 0);
    }
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    int at = find(client, op);
    if (at >= 0) {
      lives[at + KIND] |= FAILED;
      forgetIfOver(client, op, at);
    }
  }

  /** A mapping was taken back, by a call of that {@link CallCost}. */
  void unmapped(long t, int client, long op, int mapping, long[] cost) {
    int at = find(client, op);
    if (at < 0) {
      calls.unmapped(0, cost);
      return;
    }
    long callNs = cost[CallCost.NS];
    if (lives[at + UNMAP_CALL] == NEVER) {
      lives[at + UNMAP_CALL] = t - callNs;
    }
    lives[at + UNMAPPED] = t;
    calls.unmapped(unlink(at, mapping, callNs), cost);
    CallCost.add(lives, at + COST, cost, 0);
    if ((lives[at + KIND] & ALL_MAPPED) != 0 && lives[at + FIRST_MAPPING] == BatchFigures.END) {
      calls.requestUnmapped(lives, at + COST);
      clients.requestUnmapped(client, lives[at + COST + CallCost.NS]);
    }
    forgetIfOver(client, op, at);
  }

  /** Takes a mapping out of the request's chain; mostly it is the first. Returns its pages. */
  private long unlink(int at, int mapping, long callNs) {
    int before = BatchFigures.END;
    int slot = (int) lives[at + FIRST_MAPPING];
    while (slot != BatchFigures.END && batches.mapping(slot) != mapping) {
      before = slot;
      slot = batches.next(slot);
    }
    if (slot == BatchFigures.END) {
      return 0;
    }
    int next = batches.next(slot);
    if (before == BatchFigures.END) {
      lives[at + FIRST_MAPPING] = next;
    } else {
      batches.link(before, next);
    }
    if (next == BatchFigures.END) {
      lives[at + LAST_MAPPING] = before;
    }
    long pages = batches.pages(slot);
    batches.unmapped(slot, callNs);
    return pages;
  }

  private void forgetIfOver(int client, long op, int at) {
    long kind = lives[at + KIND];
    boolean neverDone = (kind & FAILED) != 0 || api(kind) == MapApi.COHERENT.ordinal();
    if (neverDone && lives[at + FIRST_MAPPING] == BatchFigures.END) {
      slots.release(slotOf.remove(RequestKey.of(client, op)));
    }
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
