package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.persistence.primitive.SlotPool;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Arrays;

/**
 * The part of a life that requests and devices write. An address is only known when its mapping is
 * made, so what was asked for is remembered until then.
 */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.RELEASE_REQUESTED,
  EventKind.REQUEST_ARRIVED,
  EventKind.MAP_FAILED,
  EventKind.MAP_DECLINED,
  EventKind.SUBMITTED,
  EventKind.TRANSLATED,
  EventKind.FAULTED,
  EventKind.COMPLETED,
  EventKind.REQUEST_DONE
})
final class RequestChapter extends PartialSink {
  private final LifeBook book;
  private final LifeFilter filter;
  private final InFlight inFlight;

  /** What was asked for by requests that have no mapping yet; only for an address. */
  private final LongIntMap askedBy = new LongIntMap();

  private final SlotPool askedSlots = new SlotPool();
  private LifeRow[] asked = new LifeRow[16];

  RequestChapter(LifeBook book, InFlight inFlight) {
    this.book = book;
    this.inFlight = inFlight;
    filter = book.filter();
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    if (!filter.isOf(client)) {
      return;
    }
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += length[i];
    }
    String text =
        "asks for %s in %s, %s, by %s"
            .formatted(
                Units.bytes(bytes),
                Units.things(n, "range"),
                Direction.of(direction).label(),
                MapApi.of(api).label());
    LifeRow row =
        new LifeRow(t, book.event(), EventKind.DMA_REQUESTED.label(), -1, client, op, -1, text);
    if (!filter.hasAddress()) {
      book.add(row);
    } else if (api != MapApi.REUSED.ordinal()) {
      remember(RequestKey.of(client, op), row);
    }
  }

  private void remember(long key, LifeRow row) {
    int slot = askedSlots.acquire();
    if (slot >= asked.length) {
      asked = Arrays.copyOf(asked, asked.length * 2);
    }
    asked[slot] = row;
    askedBy.put(key, slot);
  }

  /** What a request asked for, once; or null. */
  LifeRow forget(long key) {
    int slot = askedBy.remove(key);
    if (slot == LongIntMap.ABSENT) {
      return null;
    }
    LifeRow row = asked[slot];
    asked[slot] = null;
    askedSlots.release(slot);
    return row;
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    if (book.concerns(client, op)) {
      book.tell(t, EventKind.RELEASE_REQUESTED, -1, client, op, cpu, "asks to release it");
    }
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    if (book.concerns(client, op)) {
      book.tell(t, EventKind.REQUEST_ARRIVED, -1, client, op, cpu, "comes to its client");
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    if (book.concerns(client, op)) {
      book.tell(t, EventKind.SUBMITTED, -1, client, op, -1, "submitted to device %d", device);
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
    if (book.concerns(client, op)) {
      book.tell(
          t,
          EventKind.TRANSLATED,
          -1,
          client,
          op,
          -1,
          "device %d translates %s at unit %d: %s, %s, stall %s",
          device,
          Units.things(pages, "page"),
          iommu,
          Units.things(hits, "IOTLB hit"),
          Units.things(reads, "read"),
          Units.time(stallNs));
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    if (book.concerns(client, op)) {
      book.tell(t, EventKind.COMPLETED, -1, client, op, -1, "device %d is finished", device);
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    long key = RequestKey.of(client, op);
    forget(key);
    if (book.concerns(client, op)) {
      book.tell(
          t,
          EventKind.REQUEST_DONE,
          -1,
          client,
          op,
          -1,
          "done, %s in %s",
          Units.bytes(bytes),
          Units.time(latencyNs));
    }
    book.letGo(key);
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    Call by = inFlight.call(domain, call);
    if (book.concerns(by.client(), by.op())) {
      book.tell(
          t,
          EventKind.MAP_DECLINED,
          domain,
          by.client(),
          by.op(),
          by.cpu(),
          "%s, so each range is mapped by itself",
          DmaError.of(error).label());
    }
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    int client = inFlight.call(domain, call).client();
    long op = inFlight.call(domain, call).op();
    if (book.concerns(client, op)) {
      book.tell(t, EventKind.MAP_FAILED, domain, client, op, -1, "%s", DmaError.of(error).label());
    }
    if (client >= 0) {
      forget(RequestKey.of(client, op));
    }
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    boolean here = filter.hasAddress() && pfn == filter.pfn() && filter.isOf(client);
    if (!here && !book.concerns(client, op)) {
      return;
    }
    int domain = book.domainOf(client);
    String verdict =
        here && domain >= 0 && filter.covers(domain, pfn, 1)
            ? "; " + book.of(domain).story.verdict(t)
            : "";
    book.tell(
        t,
        EventKind.FAULTED,
        domain,
        client,
        op,
        -1,
        "device %d meets %s: %s%s",
        device,
        Units.address(pfn),
        DmaError.of(error).label(),
        verdict);
  }
}
