package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * The events of random 4 KiB reads through one strict domain, 15 a request, shaped like those of a
 * run: eight clients with a CPU each and 32 requests in flight, page buffers scattered over 64 GiB
 * and used again, IOVAs from the CPU's magazine, latencies that differ from request to request.
 */
final class StrictReadMix {
  static final int CLIENTS = 8;
  private static final int DEPTH = 32;
  private static final int DOMAIN = 0;
  private static final int DEVICE = 0;
  private static final int IOMMU = 0;

  private record Request(
      long op, int buffer, long mapping, long pfn, long submittedAt, long doneAt) {}

  private StrictReadMix() {}

  /** The events of {@code requests} requests of each client, by instant. */
  static List<Event> events(int requests, long seed) {
    List<Event> all = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (int client = 0; client < CLIENTS; client++) {
      new Client(client, random.split(), all).run(requests);
    }
    all.sort(Comparator.comparingLong(Event::t));
    return all;
  }

  /** One client and its CPU. */
  private static final class Client {
    private final int client;
    private final SplittableRandom random;
    private final List<Event> out;
    private final long[] buffers = new long[DEPTH];
    private final ArrayDeque<Integer> freeBuffers = new ArrayDeque<>();
    private final ArrayDeque<Long> magazine = new ArrayDeque<>();
    private final PriorityQueue<Request> inFlight =
        new PriorityQueue<>(Comparator.comparingLong(Request::doneAt));
    private long now;
    private long lastCall;

    Client(int client, SplittableRandom random, List<Event> out) {
      this.client = client;
      this.random = random;
      this.out = out;
      for (int i = 0; i < DEPTH; i++) {
        buffers[i] = random.nextLong(1L << 24) << 12;
        freeBuffers.add(i);
        magazine.push(0xfffffL - client * 128L - i);
      }
    }

    void run(int requests) {
      for (long op = 0; op < requests; op++) {
        if (inFlight.size() == DEPTH) {
          finish(inFlight.poll());
        }
        submit(op);
      }
      while (!inFlight.isEmpty()) {
        finish(inFlight.poll());
      }
    }

    private void submit(long op) {
      int buffer = freeBuffers.remove();
      long mapping = call();
      long pfn = magazine.pop();
      long phys = buffers[buffer];
      List<dev.mapstorm.protocol.Phyr> phyrs = List.of(new dev.mapstorm.protocol.Phyr(phys, 4096));
      int read = Direction.FROM_DEVICE.ordinal();
      out.add(new Event.DmaRequested(now, client, op, read, MapApi.PAGE.ordinal(), phyrs));
      long start = now;
      int map = CallKind.MAP_PAGE.ordinal();
      out.add(new Event.CallEntered(now, DOMAIN, mapping, client, client, op, map, mapping));
      work(90);
      int source = IovaSource.MAGAZINE.ordinal();
      out.add(new Event.IovaAllocated(now, DOMAIN, mapping, pfn, 1, source, 0));
      work(80);
      out.add(new Event.PtesMapped(now, DOMAIN, mapping, pfn, phys >> 12, 1, 12));
      work(60);
      out.add(new Event.Mapped(now, DOMAIN, mapping, pfn, 1, 0, 4096, 1));
      work(120);
      out.add(new Event.Submitted(now, DEVICE, client, op));
      boolean hit = random.nextInt(10) == 0;
      long translatedAt = now + 900 + random.nextInt(300);
      out.add(
          new Event.Translated(
              translatedAt,
              DEVICE,
              IOMMU,
              client,
              op,
              1,
              hit ? 1 : 0,
              hit ? 0 : 1 + random.nextInt(2),
              hit ? 0 : 250 + random.nextInt(200)));
      long doneAt = translatedAt + 60_000 + random.nextInt(40_000);
      inFlight.add(new Request(op, buffer, mapping, pfn, start, doneAt));
    }

    private void finish(Request r) {
      out.add(new Event.Completed(r.doneAt(), DEVICE, client, r.op()));
      now = Math.max(now, r.doneAt());
      work(500);
      long call = call();
      int unmap = CallKind.UNMAP.ordinal();
      out.add(new Event.CallEntered(now, DOMAIN, call, client, client, r.op(), unmap, r.mapping()));
      out.add(new Event.PtesCleared(now, DOMAIN, call, r.pfn(), 1));
      work(70);
      int psi = InvalidationKind.PSI.ordinal();
      out.add(new Event.InvalidationPosted(now, IOMMU, call, DOMAIN, call, psi, r.pfn(), 1, 1));
      work(600);
      out.add(new Event.InvalidationCompleted(now, IOMMU, call, 1));
      work(40);
      int to = IovaDestination.MAGAZINE.ordinal();
      out.add(new Event.IovaFreed(now, DOMAIN, call, r.pfn(), 1, to));
      magazine.push(r.pfn());
      work(30);
      out.add(new Event.Unmapped(now, DOMAIN, call));
      work(100);
      out.add(new Event.RequestDone(now, client, r.op(), 4096, now - r.submittedAt()));
      freeBuffers.add(r.buffer());
    }

    /** Calls of the clients take turns. */
    private long call() {
      return CLIENTS * lastCall++ + client + 1;
    }

    private void work(long ns) {
      now += ns + random.nextInt((int) ns / 4 + 1);
    }
  }
}
