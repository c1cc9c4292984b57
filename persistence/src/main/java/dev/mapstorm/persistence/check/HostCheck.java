package dev.mapstorm.persistence.check;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.inflight.NumberKey;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.inflight.RequestStage;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.event.EventFanout;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Finds wrong use in the events of a host, which must come from the first on. Findings are handed
 * out as they show; leaks, and what {@link HostFold} sees of broken order, at the end. Memory is
 * that of what is mapped, and of the stories of {@link RecentMappings}. Not thread-safe.
 */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.CALL_ENTERED,
  EventKind.IOVA_ALLOCATED,
  EventKind.PTES_MAPPED,
  EventKind.PTES_CLEARED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.SUBMITTED,
  EventKind.FAULTED,
  EventKind.STRAYED,
  EventKind.BOUNCED,
  EventKind.BOUNCE_COPIED,
  EventKind.INVALIDATION_TIMED_OUT,
  EventKind.REQUEST_DONE
})
public final class HostCheck extends PartialSink {
  /** No invalidation that is answered takes so long. */
  private static final long PATIENCE_NS = 10_000_000;

  private final Consumer<WrongUse> findings;
  private final HostFold fold = new HostFold(List.of());
  private final InFlight inFlight = fold.inFlight();
  private final SharedMemory memory = new SharedMemory();
  private final RecentMappings recent = new RecentMappings();

  /** By domain and number. */
  private final Long2ObjectHashMap<HeldMapping> mappings = new Long2ObjectHashMap<>();

  /** By request: the memory of those that are, or may come to be, mapped. */
  private final Long2ObjectHashMap<Asked> asked = new Long2ObjectHashMap<>();

  /** Domains that translate. */
  private final BitSet translated = new BitSet();

  private final SyncedBounces bounces = new SyncedBounces();
  private WrongUse lastStray;

  /** What a request asked for. */
  private static final class Asked {
    private final long[] phys;
    private final int[] length;
    private final Direction direction;
    private boolean mapped;

    Asked(long[] phys, int[] length, Direction direction) {
      this.phys = phys;
      this.length = length;
      this.direction = direction;
    }

    /** The first byte of it in a granule, which the granule has. */
    long startIn(long pfn) {
      for (long start : phys) {
        if (Granule.pfn(start) == pfn) {
          return start;
        }
      }
      return pfn << Granule.SHIFT;
    }
  }

  /**
   * Nothing is seen yet.
   *
   * @param findings hears what is found
   */
  public HostCheck(Consumer<WrongUse> findings) {
    this.findings = findings;
  }

  /** Where the events of the host go. */
  public EventSink sink() {
    return new EventFanout(List.of(fold, this));
  }

  /** No more events follow: hands out what only now is known. */
  public void end() {
    HostState state = fold.state();
    for (HostState.Violation each : state.violations()) {
      find(each.t(), Rule.ORDER, -1, -1, -1, -1, each.text(), null, null);
    }
    long more = state.violationsFound() - state.violations().size();
    if (more > 0) {
      find(state.t(), Rule.ORDER, -1, -1, -1, -1, more + " more of this kind", null, null);
    }
    for (Invalidation each : inFlight.invalidations()) {
      if (state.t() - each.since() > PATIENCE_NS) {
        noAnswer(state.t(), -1, each, "it has not ended");
      }
    }
    List<HeldMapping> leaks = new ArrayList<>();
    mappings.values().stream().filter(each -> each.doneAt >= 0).forEach(leaks::add);
    leaks.sort(
        Comparator.<HeldMapping>comparingLong(each -> each.doneAt)
            .thenComparingInt(each -> each.client)
            .thenComparingLong(each -> each.op)
            .thenComparingLong(each -> each.mapped.call()));
    for (HeldMapping each : leaks) {
      find(
          each.doneAt,
          Rule.LEAK,
          -1,
          each.client,
          each.op,
          each.pfn,
          "the request is done and is never unmapped",
          each,
          null);
    }
  }

  private void find(
      long t,
      Rule rule,
      int device,
      int client,
      long op,
      long pfn,
      String what,
      HeldMapping story,
      HeldMapping other) {
    findings.accept(
        new WrongUse(
            t,
            rule,
            device,
            client,
            op,
            pfn,
            what,
            Optional.ofNullable(story).map(HeldMapping::story),
            Optional.ofNullable(other).map(HeldMapping::story)));
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    if (MapApi.of(api) != MapApi.REUSED) {
      asked.put(
          RequestKey.of(client, op),
          new Asked(Arrays.copyOf(phys, n), Arrays.copyOf(length, n), Direction.of(direction)));
    } else if (n > 0) {
      bounces.requested(RequestKey.of(client, op), t, client, phys[0], Direction.of(direction));
    }
  }

  @Override
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    CallKind kind = CallKind.of(what);
    if (!kind.isClients() || kind.maps()) {
      return;
    }
    HeldMapping taken = mappings.get(NumberKey.of(domain, mapping));
    Request request = inFlight.request(client, op);
    if (taken == null) {
      // A link that failed is destroyed before its call has handed anything out.
      if (!inFlight.call(domain, mapping).isKnown()) {
        HeldMapping before = recent.of(client, op, -1);
        String text = kind.label() + " of a mapping that is not there";
        find(t, Rule.UNMAP_UNKNOWN, -1, client, op, -1, text, before, null);
      }
      return;
    }
    boolean inUse =
        request.isKnown()
            && (request.stage() == RequestStage.SUBMITTED
                || request.stage() == RequestStage.TRANSLATED);
    if (inUse) {
      String text = kind.label() + " while the device has the request";
      find(t, Rule.UNMAP_IN_USE, request.device(), client, op, taken.pfn, text, taken, null);
    }
  }

  @Override
  public void bounced(
      long t,
      int domain,
      long call,
      long physPfn,
      long address,
      long bytes,
      int buffers,
      int result,
      int slots,
      int checked,
      int areas,
      long used) {
    Call by = inFlight.call(domain, call);
    Request request = inFlight.request(by.client(), by.op());
    if (by.client() >= 0 && request.isKnown() && request.api() == MapApi.KEPT) {
      Asked of = asked.get(RequestKey.of(by.client(), by.op()));
      long phys = of == null ? physPfn << Granule.SHIFT : of.startIn(physPfn);
      bounces.bounced(by.client(), phys, address, bytes);
    }
  }

  @Override
  public void bounceCopied(
      long t, int domain, long mapping, long address, long bytes, int direction) {
    bounces.copied(t, address, Direction.of(direction));
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    translated.set(domain);
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    Call by = inFlight.call(domain, call);
    boolean outside = pfn < by.pfn() || pfn + pages > by.pfn() + by.pages();
    if (by.isKnown() && by.what() == CallKind.MAP_IOVA && by.pfn() >= 0 && outside) {
      String text = "a link of %d granules outside the range that was allocated".formatted(pages);
      find(t, Rule.TWO_STEP, -1, by.client(), by.op(), pfn, text, null, null);
    }
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    HeldMapping taken = mappings.get(NumberKey.of(domain, inFlight.call(domain, call).mapping()));
    if (taken != null) {
      taken.cleared += pages;
    }
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Call by = inFlight.call(domain, call);
    HeldMapping made =
        new HeldMapping(by.client(), by.op(), domain, pfn, pages, new Deed(t, by.cpu(), call));
    mappings.put(NumberKey.of(domain, call), made);
    if (by.client() < 0) {
      return;
    }
    long key = RequestKey.of(by.client(), by.op());
    Asked of = asked.get(key);
    if (of != null && !of.mapped) {
      of.mapped = true;
      for (SharedMemory.Shared each : memory.add(key, of.direction, of.phys, of.length)) {
        shares(t, made, each);
      }
    }
  }

  private void shares(long t, HeldMapping made, SharedMemory.Shared shared) {
    if (shared.rule() == Rule.SHARED_GRANULE && !translated.get(made.domain)) {
      return;
    }
    int client = RequestKey.client(shared.request());
    long op = RequestKey.op(shared.request());
    HeldMapping other =
        mappings.values().stream()
            .filter(each -> each.client == client && each.op == op)
            .min(Comparator.comparingLong(each -> each.mapped.call()))
            .orElse(null);
    String text =
        shared.rule() == Rule.OVERLAP
            ? "a cache line of physical granule 0x%x is mapped twice, and a device writes it"
            : "physical granule 0x%x is in two mappings, and a device may write all of it";
    find(
        t,
        shared.rule(),
        -1,
        made.client,
        made.op,
        made.pfn,
        text.formatted(shared.physPfn()),
        made,
        other);
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    Call by = inFlight.call(domain, call);
    switch (DmaError.of(error)) {
      case MISALIGNED_LINK, IOVA_INSIDE_GRANULE, OUT_OF_RANGE, UNKNOWN_MAPPING, ALREADY_MAPPED ->
          find(
              t,
              Rule.TWO_STEP,
              -1,
              by.client(),
              by.op(),
              by.pfn(),
              "%s is refused: %s".formatted(by.what().label(), DmaError.of(error).label()),
              null,
              null);
      default -> {}
    }
    letGo(by.client(), by.op());
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    HeldMapping ended = mappings.remove(NumberKey.of(domain, by.mapping()));
    if (ended == null) {
      return;
    }
    ended.unmapped = new Deed(t, by.cpu(), call);
    if (ended.cleared > 0 && ended.cleared != ended.pages) {
      String text = "%d of %d granules are unmapped".formatted(ended.cleared, ended.pages);
      find(t, Rule.UNMAP_SIZE, -1, ended.client, ended.op, ended.pfn, text, ended, null);
    }
    if (ended.client >= 0) {
      recent.add(ended);
    }
    letGo(by.client(), by.op());
  }

  /** Forgets the memory of a request that has no mapping left. */
  private void letGo(int client, long op) {
    if (client < 0 || inFlight.request(client, op).mappings() > 0) {
      return;
    }
    long key = RequestKey.of(client, op);
    Asked of = asked.remove(key);
    if (of != null && of.mapped) {
      memory.remove(key, of.phys, of.length);
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    Request request = inFlight.request(client, op);
    if (request.isKnown() && request.stage() == RequestStage.FAILED) {
      String text = "the device is given a request whose mapping failed";
      find(t, Rule.ERROR_UNCHECKED, device, client, op, -1, text, null, null);
    }
  }

  @Override
  public void strayed(
      long t, int device, int client, long op, long pfn, int cause, int direction, int outcome) {
    StrayCause why = StrayCause.of(cause);
    HeldMapping ended = recent.of(client, op, pfn);
    if (why == StrayCause.AFTER_UNMAP && (ended == null || ended.unmapped == null)) {
      HeldMapping live = live(client, op, pfn);
      if (live != null || isOfKept(client, pfn)) {
        // The request is over for the device, its memory is still mapped: nothing is reached that
        // should not be.
        return;
      }
    }
    Rule rule =
        switch (why) {
          case AFTER_UNMAP -> Rule.ACCESS_AFTER_UNMAP;
          case WRONG_DIRECTION -> Rule.WRONG_DIRECTION;
          case ADDRESS_BITS -> Rule.ADDRESS_BITS;
        };
    AccessOutcome what = AccessOutcome.of(outcome);
    String text =
        "%s: %s"
            .formatted(
                Direction.of(direction) == Direction.TO_DEVICE ? "read" : "write", what.label());
    HeldMapping own = live(client, op, pfn);
    HeldMapping reached = what == AccessOutcome.MAPPED ? reached(client, op, pfn) : null;
    lastStray =
        new WrongUse(
            t,
            rule,
            device,
            client,
            op,
            pfn,
            text,
            Optional.ofNullable(own != null ? own : ended).map(HeldMapping::story),
            Optional.ofNullable(reached).map(HeldMapping::story));
    findings.accept(lastStray);
  }

  private HeldMapping live(int client, long op, long pfn) {
    List<HeldMapping> own =
        mappings.values().stream()
            .filter(each -> each.client == client && each.op == op)
            .sorted(Comparator.comparingLong(each -> each.mapped.call()))
            .toList();
    return own.stream()
        .filter(each -> each.holds(pfn))
        .findFirst()
        .orElse(own.isEmpty() ? null : own.get(0));
  }

  /** Whether a granule is in a buffer that the client keeps mapped. */
  private boolean isOfKept(int client, long pfn) {
    return mappings.values().stream()
        .anyMatch(
            each ->
                each.client == client
                    && each.holds(pfn)
                    && inFlight.request(client, each.op).api() == MapApi.KEPT);
  }

  /** The mapping of another request that holds a granule; null if there is none. */
  private HeldMapping reached(int client, long op, long pfn) {
    return mappings.values().stream()
        .filter(each -> each.holds(pfn) && !(each.client == client && each.op == op))
        .min(
            Comparator.<HeldMapping>comparingInt(each -> each.domain)
                .thenComparingLong(each -> each.mapped.call()))
        .orElse(null);
  }

  @Override
  public void invalidationTimedOut(long t, int iommu, long ticket, int device, int timeout) {
    Invalidation late = inFlight.invalidation(iommu, ticket);
    if (late.isKnown()) {
      noAnswer(t, device, late, InvalidationTimeout.of(timeout).label());
    }
  }

  private void noAnswer(long t, int device, Invalidation late, String what) {
    Call by = late.call();
    String text =
        "unit %d waits for %s: %s".formatted(late.iommu(), Units.time(t - late.since()), what);
    find(t, Rule.NO_ANSWER, device, by.client(), by.op(), late.pfn(), text, null, null);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    boolean told =
        lastStray != null
            && lastStray.t() == t
            && lastStray.client() == client
            && lastStray.op() == op
            && lastStray.device() == device;
    if (!told) {
      HeldMapping own = live(client, op, pfn);
      HeldMapping known = own != null ? own : recent.of(client, op, pfn);
      find(t, Rule.FAULT, device, client, op, pfn, DmaError.of(error).label(), known, null);
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    if (bounces.lacksSync(RequestKey.of(client, op)) && bytes > 0) {
      String text = "no sync has copied its data between the bounce slots and its buffer";
      find(t, Rule.SYNC_MISSING, -1, client, op, -1, text, null, null);
    }
    if (inFlight.request(client, op).mappings() > 0) {
      mappings.values().stream()
          .filter(each -> each.client == client && each.op == op)
          .forEach(each -> each.doneAt = t);
    }
    asked.computeIfPresent(RequestKey.of(client, op), (key, of) -> of.mapped ? of : null);
  }
}
