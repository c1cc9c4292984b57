package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * The requests of a host that are not done, and the mappings of direct maps, which no IOVA stands
 * for. A request that failed, or whose memory is coherent, is over when its last mapping is gone;
 * all others with {@code request-done}.
 */
final class RequestsInFlight implements EventSink {
  private static final int WORDS = 8;
  private static final int KIND = 0;
  private static final int BYTES = 1;
  private static final int STAGE = 2;
  private static final int SINCE = 3;
  private static final int REQUESTED_AT = 4;
  private static final int MAPPINGS = 5;
  private static final int DEVICE = 6;
  private static final int DIRECTION_BITS = 2;

  private final LongIntMap slotOf = new LongIntMap();
  private final SlotPool slots = new SlotPool();
  private final TreeMap<Long, Deque<Direct>> directOf = new TreeMap<>();
  private long[] requests = new long[64 * WORDS];

  /** A mapping on a direct map. */
  record Direct(int domain, HostState.Range range) {}

  private int find(int client, long op) {
    int slot = slotOf.get(RequestKey.of(client, op));
    return slot == LongIntMap.ABSENT ? -1 : slot * WORDS;
  }

  private void become(int client, long op, RequestStage stage, long t) {
    int at = find(client, op);
    if (at >= 0) {
      set(at, stage, t);
    }
  }

  private void set(int at, RequestStage stage, long t) {
    boolean stays =
        requests[at + STAGE] == RequestStage.FAILED.ordinal()
            || requests[at + STAGE] == stage.ordinal();
    if (!stays) {
      requests[at + STAGE] = stage.ordinal();
      requests[at + SINCE] = t;
    }
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    int slot = slots.acquire();
    int at = slot * WORDS;
    if (at >= requests.length) {
      requests = Arrays.copyOf(requests, requests.length * 2);
    }
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += length[i];
    }
    requests[at + KIND] = (long) api << DIRECTION_BITS | direction;
    requests[at + BYTES] = bytes;
    requests[at + STAGE] = RequestStage.MAPPING.ordinal();
    requests[at + SINCE] = t;
    requests[at + REQUESTED_AT] = t;
    requests[at + MAPPINGS] = 0;
    requests[at + DEVICE] = -1;
    slotOf.put(RequestKey.of(client, op), slot);
  }

  /** A mapping was handed to the client. */
  void mapped(long t, int client, long op) {
    int at = find(client, op);
    if (at >= 0) {
      requests[at + MAPPINGS]++;
      set(at, RequestStage.MAPPED, t);
    }
  }

  /** A mapping without IOVA was handed to the client. */
  void mappedDirectly(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors) {
    mapped(t, client, op);
    HostState.Range range =
        new HostState.Range(
            pfn,
            Granule.spanned(offset, bytes),
            RangeState.DIRECT,
            t,
            0,
            mapping,
            client,
            op,
            offset,
            bytes,
            vectors,
            -1);
    directOf
        .computeIfAbsent(RequestKey.of(client, op), key -> new ArrayDeque<>())
        .add(new Direct(domain, range));
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    int at = find(client, op);
    if (at >= 0) {
      set(at, RequestStage.FAILED, t);
      forgetIfOver(client, op, at);
    }
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    if (!directOf.isEmpty()) {
      forgetDirect(client, op, mapping);
    }
    int at = find(client, op);
    if (at >= 0) {
      requests[at + MAPPINGS]--;
      set(at, RequestStage.UNMAPPED, t);
      forgetIfOver(client, op, at);
    }
  }

  private void forgetDirect(int client, long op, int mapping) {
    long key = RequestKey.of(client, op);
    Deque<Direct> own = directOf.get(key);
    if (own == null) {
      return;
    }
    for (Iterator<Direct> each = own.iterator(); each.hasNext(); ) {
      if (each.next().range.mapping() == mapping) {
        each.remove();
        break;
      }
    }
    if (own.isEmpty()) {
      directOf.remove(key);
    }
  }

  private void forgetIfOver(int client, long op, int at) {
    boolean neverDone =
        requests[at + STAGE] == RequestStage.FAILED.ordinal()
            || api(at) == MapApi.COHERENT.ordinal();
    if (neverDone && requests[at + MAPPINGS] == 0) {
      slots.release(slotOf.remove(RequestKey.of(client, op)));
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    int at = find(client, op);
    if (at >= 0) {
      requests[at + DEVICE] = device;
      set(at, RequestStage.SUBMITTED, t);
    }
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
    become(client, op, RequestStage.TRANSLATED, t);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    become(client, op, RequestStage.COMPLETED, t);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    int slot = slotOf.remove(RequestKey.of(client, op));
    if (slot != LongIntMap.ABSENT) {
      slots.release(slot);
    }
  }

  private int api(int at) {
    return (int) (requests[at + KIND] >>> DIRECTION_BITS);
  }

  private int direction(int at) {
    return (int) requests[at + KIND] & (1 << DIRECTION_BITS) - 1;
  }

  /** The requests in flight, by client and number. */
  List<HostState.Request> rows() {
    List<HostState.Request> rows = new ArrayList<>();
    for (long key : slotOf.sortedKeys()) {
      int at = slotOf.get(key) * WORDS;
      rows.add(
          new HostState.Request(
              RequestKey.client(key),
              RequestKey.op(key),
              (int) requests[at + DEVICE],
              MapApi.of(api(at)).label(),
              Direction.of(direction(at)).label(),
              requests[at + BYTES],
              RequestStage.of(requests[at + STAGE]),
              requests[at + SINCE],
              requests[at + REQUESTED_AT],
              (int) requests[at + MAPPINGS]));
    }
    return List.copyOf(rows);
  }

  /** The requests in flight at {@code now} summed up, by client and device. */
  List<HostState.Load> load(long now) {
    TreeMap<Integer, TreeMap<Integer, HostState.Load>> sums = new TreeMap<>();
    for (HostState.Request request : rows()) {
      HostState.Load one =
          new HostState.Load(
              request.client(), request.device(), 1, request.bytes(), now - request.requestedAt());
      sums.computeIfAbsent(request.client(), client -> new TreeMap<>())
          .merge(request.device(), one, RequestsInFlight::together);
    }
    return sums.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  private static HostState.Load together(HostState.Load a, HostState.Load b) {
    return new HostState.Load(
        a.client(),
        a.device(),
        a.requests() + b.requests(),
        a.bytes() + b.bytes(),
        Math.max(a.oldestNs(), b.oldestNs()));
  }

  /** The direct mappings of a domain, by client and request. */
  List<HostState.Range> direct(int domain) {
    return directOf.values().stream()
        .flatMap(Deque::stream)
        .filter(each -> each.domain == domain)
        .map(Direct::range)
        .sorted(
            Comparator.comparingInt(HostState.Range::client)
                .thenComparingLong(HostState.Range::op)
                .thenComparingLong(HostState.Range::pfn))
        .toList();
  }
}
