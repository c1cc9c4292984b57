package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.core.CallInProgress.Purpose;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.RangeInUse;
import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.core.RequestInProgress.Phase;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.inflight.RequestStage;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the models of a host and the messages in flight say of its ranges and requests, between two
 * steps of its clock. No event is looked at.
 *
 * <p>A range of IOVA is, in this order: in the flush queue, or taken out of it and not freed; being
 * unmapped by a call; a mapping that a client holds; a mapping that is on its way to its client.
 */
final class LiveState implements HostVisitor {
  private static final int UNKNOWN = -1;

  /** The models of a domain and the calls in it. */
  static final class Domain {
    final IovaDomain iova;
    final PageTable table;
    final FlushQueue queue;
    final Map<Long, Mapping> mappings = new LinkedHashMap<>();
    final List<CallInProgress> calls = new ArrayList<>();

    Domain(IovaDomain iova, PageTable table, FlushQueue queue) {
      this.iova = iova;
      this.table = table;
      this.queue = queue;
    }
  }

  /** A range that a domain takes for somebody's. */
  record Mapping(int slot, long pfn, long pages, long[] vectors) {}

  /**
   * What names a range: its first granule, or on a direct map its place in its request.
   *
   * @param index in the request's mappings; 0 for IOVA
   */
  record RangeKey(int domain, long pfn, int client, long op, int index) {
    static RangeKey iova(int domain, long pfn) {
      return new RangeKey(domain, pfn, UNKNOWN, UNKNOWN, 0);
    }
  }

  /**
   * A range in use. {@code client} is -1 where the models have forgotten whose it was; then nothing
   * but place, size and state is known.
   *
   * @param cpu that allocated it, -1 if forgotten
   * @param unmappedBy CPU that unmaps it, -1 if none or forgotten
   */
  record Range(
      long pfn,
      long pages,
      RangeState state,
      long mapping,
      int client,
      long op,
      int offset,
      long bytes,
      int vectors,
      int cpu,
      int unmappedBy) {}

  /** A request that is not done. */
  record Request(int client, RequestInProgress request, RequestStage stage, int device) {}

  /** An invalidation in the queue of a unit. */
  record Invalidation(
      int iommu, long ticket, int domain, long call, int cpu, long covered, long postedAt) {}

  private record MappingKey(int domain, long mapping) {}

  private record SlotKey(int domain, int slot) {}

  private record Holder(int client, RequestInProgress request) {}

  private record OnItsWay(int client, int cpu) {}

  private final HostSpec spec;
  private final HostLayout layout;
  private final Map<Integer, Domain> domains = new LinkedHashMap<>();
  private final List<Invalidation> invalidations = new ArrayList<>();
  private final List<Holder> requests = new ArrayList<>();
  private final Map<Long, Integer> slotAtDevice = new HashMap<>();
  private final Set<Long> doorbells = new HashSet<>();
  private final Set<List<Integer>> transferring = new HashSet<>();
  private final Map<SlotKey, OnItsWay> answers = new HashMap<>();
  private final Set<Long> unmappedAnswers = new HashSet<>();
  private final Map<RangeKey, Range> ranges = new LinkedHashMap<>();
  private final Map<RangeKey, RangeInUse> windowRanges = new LinkedHashMap<>();

  private LiveState(HostSpec spec) {
    this.spec = spec;
    layout = new HostLayout(spec);
  }

  /** Looks at a host. */
  static LiveState of(BareLoop loop, HostSpec spec) {
    LiveState state = new LiveState(spec);
    loop.show(state);
    state.findRanges();
    return state;
  }

  Map<Integer, Domain> domains() {
    return domains;
  }

  /**
   * The ranges in use. Those in a flush queue come in its order: per ring, first what was taken out
   * of it.
   */
  Map<RangeKey, Range> ranges() {
    return ranges;
  }

  List<Invalidation> invalidations() {
    return invalidations;
  }

  /** The call of a domain with this number. */
  CallInProgress call(int domain, long number) {
    return domains.get(domain).calls.stream()
        .filter(call -> call.number() == number)
        .findFirst()
        .orElseThrow();
  }

  /** The requests that are not done. */
  List<Request> requests() {
    List<Request> all = new ArrayList<>();
    for (Holder holder : requests) {
      RequestStage stage = stage(holder.client, holder.request);
      boolean submitted =
          stage != RequestStage.FAILED
              && (stage.compareTo(RequestStage.SUBMITTED) >= 0 && !isOnlyMapped(holder));
      int device = submitted ? device(holder.client) : UNKNOWN;
      all.add(new Request(holder.client, holder.request, stage, device));
    }
    return all;
  }

  // What the host shows.

  @Override
  public void domain(int domain, IovaDomain iova, PageTable table, FlushQueue queue) {
    domains.put(domain, new Domain(iova, table, queue));
  }

  /** It has no allocator and no flush queue: as if both were empty. */
  @Override
  public void unmanaged(int domain, PageTable table) {
    IovaDomain nothing = new IovaDomain(1, Granule.SHIFT, 1, IovaParameters.LINUX);
    domains.put(
        domain, new Domain(nothing, table, new FlushQueue(1, true, 2, 1, (c, pfn, n, t) -> {})));
  }

  @Override
  public void window(int domain, PageTable table) {
    domains.put(domain, new Domain(null, table, null));
  }

  @Override
  public void range(int domain, RangeInUse range) {
    windowRanges.put(RangeKey.iova(domain, range.pfn()), range);
  }

  @Override
  public void mapping(int domain, long mapping, int slot, long pfn, long pages, long[] vectors) {
    domains.get(domain).mappings.put(mapping, new Mapping(slot, pfn, pages, vectors));
  }

  @Override
  public void call(int domain, CallInProgress call) {
    domains.get(domain).calls.add(call);
  }

  @Override
  public void invalidation(
      int iommu, long ticket, int domain, long call, int cpu, long covered, long postedAt) {
    invalidations.add(new Invalidation(iommu, ticket, domain, call, cpu, covered, postedAt));
  }

  @Override
  public void request(int client, RequestInProgress request) {
    requests.add(new Holder(client, request));
  }

  @Override
  public void posted(int device, int slot, int client, long op) {
    slotAtDevice.put(RequestKey.of(client, op), slot);
  }

  @Override
  public void message(long due, int actor, Message message) {
    if (message instanceof DeviceMessage.Doorbell m) {
      doorbells.add(RequestKey.of(m.client(), m.op()));
    } else if (message instanceof DeviceMessage.Transferred m) {
      transferring.add(List.of(actor - layout.device(0), m.slot()));
    } else if (message instanceof DriverMessage.Unmapped m) {
      unmappedAnswers.add(RequestKey.of(actor, m.op()));
    } else if (message instanceof DriverMessage.Mapped m) {
      onItsWay(actor, m.cpu(), m.mapping());
    } else if (message instanceof DriverMessage.BatchStarted m) {
      onItsWay(actor, m.cpu(), m.mapping());
    } else if (message instanceof DriverMessage.BatchAdded m) {
      onItsWay(actor, m.cpu(), m.mapping());
    } else if (message instanceof DriverMessage.IovaReady m) {
      onItsWay(actor, m.cpu(), m.mapping());
    } else if (message instanceof DriverMessage.Linked m) {
      onItsWay(actor, m.cpu(), m.mapping());
    } else if (message instanceof DriverMessage.LinkFailed m) {
      onItsWay(actor, m.cpu(), m.mapping());
    }
  }

  private void onItsWay(int client, int cpu, int slot) {
    answers.put(new SlotKey(domainOf(client), slot), new OnItsWay(client, cpu));
  }

  private int device(int client) {
    return spec.clients().get(client).device();
  }

  private int domainOf(int client) {
    return spec.devices().get(device(client)).domain();
  }

  // Requests.

  private boolean isOnlyMapped(Holder holder) {
    return AskedApi.isOnlyMapped(spec, holder.client, holder.request.op());
  }

  private RequestStage stage(int client, RequestInProgress request) {
    if (request.failed()) {
      return RequestStage.FAILED;
    }
    if (request.phase() == Phase.MAPPING) {
      return request.mappings().length == 0 && !AskedApi.isReused(spec, client, request.op())
          ? RequestStage.MAPPING
          : RequestStage.MAPPED;
    }
    if (request.unmapped() > 0) {
      return RequestStage.UNMAPPED;
    }
    if (AskedApi.isOnlyMapped(spec, client, request.op())) {
      return RequestStage.MAPPED;
    }
    long key = RequestKey.of(client, request.op());
    if (doorbells.contains(key)) {
      return RequestStage.SUBMITTED;
    }
    Integer slot = slotAtDevice.get(key);
    if (slot == null) {
      return RequestStage.COMPLETED;
    }
    boolean moves = transferring.contains(List.of(device(client), slot));
    return moves && domains.containsKey(domainOf(client))
        ? RequestStage.TRANSLATED
        : RequestStage.SUBMITTED;
  }

  // Ranges.

  private void findRanges() {
    Map<MappingKey, Holder> holders = new HashMap<>();
    for (Holder holder : requests) {
      int domain = domainOf(holder.client);
      if (domains.containsKey(domain)) {
        hold(domain, holder, holders);
      } else {
        findDirect(domain, holder);
      }
    }
    domains.forEach((number, domain) -> findQueued(number, domain));
    domains.forEach((number, domain) -> findMapped(number, domain, holders));
    windowRanges.forEach((key, range) -> ranges.put(key, ofWindow(key, range)));
  }

  /** A range of a backend that allocates in a way of its own; the backend knows whose it is. */
  private Range ofWindow(RangeKey key, RangeInUse range) {
    boolean handedOut =
        range.slot() >= 0 && !answers.containsKey(new SlotKey(key.domain, range.slot()));
    if (!handedOut) {
      return new Range(
          range.pfn(),
          range.pages(),
          range.cleared() ? RangeState.CLEARED : RangeState.ALLOCATED,
          UNKNOWN,
          range.client(),
          UNKNOWN,
          0,
          0,
          0,
          range.cpu(),
          UNKNOWN);
    }
    long bytes = 0;
    for (int i = 1; i < range.vectors().length; i += 2) {
      bytes += range.vectors()[i];
    }
    return new Range(
        range.pfn(),
        range.pages(),
        range.cleared() ? RangeState.CLEARED : RangeState.MAPPED,
        range.mapping(),
        range.client(),
        range.op(),
        Granule.offset(range.vectors()[0]),
        bytes,
        range.vectors().length / 2,
        range.cpu(),
        UNKNOWN);
  }

  /** Notes what a client holds, but for a range whose unmapping its CPU is about to learn of. */
  private void hold(int domain, Holder holder, Map<MappingKey, Holder> holders) {
    RequestInProgress request = holder.request;
    boolean firstIsGone =
        request.phase() == Phase.UNMAPPING
            && unmappedAnswers.contains(RequestKey.of(holder.client, request.op()));
    for (int i = request.unmapped() + (firstIsGone ? 1 : 0); i < request.mappings().length; i++) {
      Holder other = holders.put(new MappingKey(domain, request.mappings()[i]), holder);
      if (other != null) {
        throw new IllegalStateException(
            "mapping %d of domain %d is held by %s and %s"
                .formatted(request.mappings()[i], domain, holder, other));
      }
    }
  }

  private void findDirect(int domain, Holder holder) {
    RequestInProgress request = holder.request;
    long[] vectors = request.vectors();
    int word = 0;
    for (int i = 0; i < request.mappings().length; i++) {
      int first = word;
      for (long left = request.mappedBytes()[i]; left > 0; word += 2) {
        left -= vectors[word + 1];
      }
      if (i < request.unmapped()) {
        continue;
      }
      int offset = Granule.offset(vectors[first]);
      long bytes = request.mappedBytes()[i];
      ranges.put(
          new RangeKey(domain, UNKNOWN, holder.client, request.op(), i),
          new Range(
              Granule.pfn(vectors[first]),
              Granule.spanned(offset, bytes),
              RangeState.DIRECT,
              request.mappings()[i],
              holder.client,
              request.op(),
              offset,
              bytes,
              (word - first) / 2,
              UNKNOWN,
              UNKNOWN));
    }
  }

  private void findQueued(int number, Domain domain) {
    if (domain.queue == null) {
      return;
    }
    for (int ring = 0; ring < domain.queue.rings(); ring++) {
      for (CallInProgress call : domain.calls) {
        for (int i = 0; call.ring() == ring && i < call.reclaiming().length; i += 2) {
          addQueued(number, call.reclaiming()[i], call.reclaiming()[i + 1]);
        }
      }
      domain.queue.forEachQueued(ring, (pfn, pages) -> addQueued(number, pfn, pages));
    }
  }

  private void addQueued(int domain, long pfn, long pages) {
    ranges.put(RangeKey.iova(domain, pfn), forgotten(pfn, pages, RangeState.QUEUED));
  }

  /** A range of which its place in a queue is all that is left. */
  private static Range forgotten(long pfn, long pages, RangeState state) {
    return new Range(pfn, pages, state, UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, 0, UNKNOWN, UNKNOWN);
  }

  private void findMapped(int number, Domain domain, Map<MappingKey, Holder> holders) {
    Map<Long, CallInProgress> unmapping = new HashMap<>();
    Map<Long, CallInProgress> syncing = new HashMap<>();
    for (CallInProgress call : domain.calls) {
      if (call.purpose() == Purpose.UNMAP) {
        unmapping.put(call.mapping(), call);
      } else if (call.purpose() == Purpose.MAP) {
        syncing.put(call.number(), call);
      }
    }
    domain.mappings.forEach(
        (mapping, range) -> {
          MappingKey key = new MappingKey(number, mapping);
          CallInProgress call = unmapping.get(mapping);
          Range found =
              holders.containsKey(key)
                  ? held(mapping, range, holders.get(key), call)
                  : onItsWay(range, answer(number, range, syncing.get(mapping)), key);
          ranges.put(RangeKey.iova(number, range.pfn), found);
        });
  }

  /** On its way to the client, or with the call that has the units told of it. */
  private OnItsWay answer(int domain, Mapping range, CallInProgress syncing) {
    return syncing == null
        ? answers.get(new SlotKey(domain, range.slot))
        : new OnItsWay(syncing.client(), syncing.cpu());
  }

  private Range held(long mapping, Mapping range, Holder holder, CallInProgress call) {
    RangeState state = RangeState.MAPPED;
    if (call != null) {
      state = call.queued() ? RangeState.QUEUED : RangeState.CLEARED;
    }
    // What the device was told: more than is linked, where the error of a link was lost.
    long bytes = 0;
    for (int i = 0; i < holder.request.mappings().length; i++) {
      if (holder.request.mappings()[i] == mapping) {
        bytes = holder.request.mappedBytes()[i];
      }
    }
    return new Range(
        range.pfn,
        range.pages,
        state,
        mapping,
        holder.client,
        holder.request.op(),
        Granule.offset(range.vectors[0]),
        bytes,
        range.vectors.length / 2,
        UNKNOWN,
        call == null ? UNKNOWN : call.cpu());
  }

  private static Range onItsWay(Mapping range, OnItsWay answer, MappingKey key) {
    if (answer == null) {
      throw new IllegalStateException("%s is nobody's: %s".formatted(key, range));
    }
    return new Range(
        range.pfn,
        range.pages,
        RangeState.ALLOCATED,
        UNKNOWN,
        answer.client,
        UNKNOWN,
        0,
        0,
        0,
        answer.cpu,
        UNKNOWN);
  }
}
