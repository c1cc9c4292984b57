package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.IntQueue;
import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.model.rdma.PageList;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RegionSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * A driver queue run by one CPU, or by two. A CPU does one thing at a time: it finishes what the
 * device completed before it submits more. A request's life: build the command, map, ring the
 * doorbell, wait for the device, interrupt, unmap, done. Where another CPU is interrupted than the
 * one that submits, the two work side by side. What is asked for comes from a {@link
 * RequestSource}; when, from {@link Arrivals}, or, in a closed loop, from what is done.
 *
 * <p>The driver of an RDMA device makes memory regions of what is mapped and registers them with
 * the doorbell; when the device completed the transfer they are invalidated first, and then
 * unmapped.
 *
 * <p>With registration on demand (ODP) no buffer is mapped at first. A request that finds none
 * faults on the next one; the CPU hears of it later, maps it, writes its pages into the device's
 * table, and only then the request is submitted. A worn buffer leaves that table before it is
 * unmapped, as a notifier of the memory's owner has it.
 *
 * <p>A client that keeps its buffers mapped maps them first, one after the other; its requests are
 * synced instead of mapped and unmapped. A buffer that is worn is unmapped by the CPU that
 * completes requests, after these, and another one is mapped by the one that submits, before it
 * submits more.
 */
public final class QueueDriver implements Core<DriverMessage>, DriverMessage.Receiver {
  private static final long ARRIVALS = 3;

  private final int client;
  private final ClientSpec.Queue spec;
  private final HostContext host;
  private final RequestSource source;
  private final KeptBuffers kept;
  private final boolean synced;

  /** How memory is registered; null if it is not. */
  private final RegionSpec region;

  private final PageList pageList;

  /** Buffers that are kept. */
  private final int buffers;

  /** The CPU that submits and the one that completes, which may be one. */
  private final CallingCpu submitting;

  private final CallingCpu completing;

  /** By tag; made when a tag is used for the first time. */
  private final DmaRequest[] requests;

  private final IntQueue freeTags = new IntQueue();
  private final IntQueue completions = new IntQueue();
  private final ArrayDeque<Long> arrived = new ArrayDeque<>();
  private final Arrivals arrivals;

  private long arrivedOps;
  private boolean inInterrupt;

  /** The kept buffer that is being mapped; null if none is. */
  private DmaRequest mappingBuffer;

  /** Places of buffers that are unmapped, and in which others are to be mapped. */
  private final IntQueue leftPlaces = new IntQueue();

  /** With registration on demand: places on which the device has faulted, to be mapped. */
  private final IntQueue faults = new IntQueue();

  /** Since when requests wait for these and for faults that nobody has heard of. */
  private final ArrayDeque<Long> faultedAt = new ArrayDeque<>();

  private int faulting;

  /** A CPU and what it has in hand. */
  private static final class CallingCpu {
    private static final int NONE = -1;

    private final int number;
    private final DmaCaller caller;
    private final Cpu time = new Cpu();
    private boolean busy;

    /** The tag of the request in hand, or {@link #NONE}. */
    private int tag;

    /** The buffer that it maps or unmaps instead; null if it does neither. */
    private DmaRequest buffer;

    private int place;

    CallingCpu(int number, DmaCaller caller) {
      this.number = number;
      this.caller = caller;
    }
  }

  public QueueDriver(int client, HostSpec spec, HostContext host) {
    this.client = client;
    this.spec = (ClientSpec.Queue) spec.clients().get(client);
    this.host = host;
    source = RequestSource.of(client, this.spec, spec.seed());
    kept = source.kept();
    synced =
        this.spec instanceof ClientSpec.Synthetic synthetic
            && synthetic.workload().kept() != null
            && synthetic.workload().kept().synced();
    region = this.spec.region();
    pageList = region == null ? null : new PageList(region.pages(), region.pageSize());
    buffers =
        this.spec instanceof ClientSpec.Synthetic synthetic ? synthetic.workload().buffers() : 0;
    arrivals = arrivals(client, this.spec, spec.seed());
    int domain = spec.devices().get(this.spec.device()).domain();
    submitting = cpu(this.spec.cpu(), domain);
    completing =
        this.spec.completionCpu() == this.spec.cpu()
            ? submitting
            : cpu(this.spec.completionCpu(), domain);
    int depth = this.spec.load().depth();
    requests = new DmaRequest[depth];
    for (int i = 0; i < depth; i++) {
      freeTags.add(i);
    }
  }

  private CallingCpu cpu(int number, int domain) {
    return new CallingCpu(
        number, new DmaCaller(client, number, domain, spec.batch(), spec.block(), host));
  }

  private CallingCpu cpu(int number) {
    return number == completing.number ? completing : submitting;
  }

  /** When requests come; null where the client asks by itself, as soon as one is done. */
  private static Arrivals arrivals(int client, ClientSpec.Queue spec, long hostSeed) {
    if (spec.load() instanceof LoadSpec.OpenLoop open) {
      return new PacedArrivals(open, SplitMix.derive(SplitMix.derive(hostSeed, client), ARRIVALS));
    }
    if (spec.load() instanceof LoadSpec.AsRecorded) {
      return new RecordedArrivals(((ClientSpec.Repeated) spec).requests());
    }
    return null;
  }

  @Override
  public void on(DriverMessage message) {
    message.to(this);
  }

  @Override
  public void start(DriverMessage.Start m) {
    if (onDemand()) {
      kept.beginUnmapped();
      for (int place = 0; place < buffers; place++) {
        leftPlaces.add(place);
      }
    }
    mapBuffers();
  }

  private boolean onDemand() {
    return region != null && region.onDemand();
  }

  @Override
  public void pageFault(DriverMessage.PageFault m) {
    faults.add(m.place());
    work();
  }

  /** Has requests that find no mapped buffer fault on one each, as far as there are. */
  private void fault() {
    long waiting = arrivals == null ? freeTags.size() : Math.min(freeTags.size(), arrived.size());
    while (source.wants() && faulting < waiting && !leftPlaces.isEmpty() && !kept.hasFree()) {
      faulting++;
      faultedAt.add(host.clock().now());
      host.clock()
          .send(
              region.faultNs(),
              host.layout().client(client),
              new DriverMessage.PageFault(leftPlaces.remove()));
    }
  }

  /** Maps the next of the buffers that are kept; begins to ask when there is none. */
  private void mapBuffers() {
    if (kept == null || !kept.hasUnmapped()) {
      mappingBuffer = null;
      expectArrival();
      work();
      return;
    }
    long now = host.clock().now();
    DmaRequest buffer = new DmaRequest();
    source.nextBuffer(buffer, spec.api(), now);
    arrivedOps = buffer.op + 1;
    mappingBuffer = buffer;
    requested(buffer, MapApi.KEPT);
    submitting.caller.map(buffer, submitting.time.delay(now, 0));
  }

  private void requested(DmaRequest request, MapApi api) {
    host.events()
        .dmaRequested(
            host.clock().now(),
            client,
            request.op,
            request.direction.ordinal(),
            api.ordinal(),
            request.phys.length,
            request.phys,
            request.length);
  }

  @Override
  public void completed(DriverMessage.Completed m) {
    DmaRequest request = requests[m.tag()];
    request.faulted = m.faulted();
    request.invalidated |= request.regions > 0 && region.remote();
    completions.add(m.tag());
    work();
  }

  @Override
  public void stolen(DriverMessage.Stolen m) {
    cpu(m.cpu()).time.spend(host.clock().now(), m.ns());
  }

  @Override
  public void show(HostVisitor visitor) {
    if (kept != null) {
      kept.forEachMapped(
          buffer -> visitor.request(client, buffer.show(RequestInProgress.Phase.MAPPED, 0)));
    }
    if (mappingBuffer != null) {
      visitor.request(client, submitting.caller.show());
    }
    showBuffer(visitor, submitting);
    if (completing != submitting) {
      showBuffer(visitor, completing);
    }
    BitSet used = new BitSet();
    used.set(0, requests.length);
    freeTags.forEach(used::clear);
    used.stream()
        .forEach(
            each ->
                visitor.request(
                    client,
                    has(submitting, each)
                        ? submitting.caller.show()
                        : has(completing, each)
                            ? completing.caller.show()
                            : requests[each].show(RequestInProgress.Phase.MAPPED, 0)));
  }

  private void showBuffer(HostVisitor visitor, CallingCpu cpu) {
    if (cpu.buffer != null) {
      visitor.request(client, cpu.caller.show());
    }
  }

  private static boolean has(CallingCpu cpu, int tag) {
    return cpu.busy && cpu.tag == tag;
  }

  @Override
  public void wake(DriverMessage.Wake m) {
    long now = host.clock().now();
    host.events().requestArrived(now, client, arrivedOps++, spec.cpu());
    arrived.add(now);
    expectArrival();
    work();
  }

  private void expectArrival() {
    if (arrivals != null && arrivals.hasNext()) {
      long gap = arrivals.gap(host.clock().now());
      host.clock().send(gap, host.layout().client(client), new DriverMessage.Wake());
    }
  }

  /** Starts the next thing to do on each CPU that has nothing in hand. */
  private void work() {
    if (!completing.busy && !completions.isEmpty()) {
      complete(completions.remove());
    }
    if (!completing.busy && kept != null && kept.hasWorn()) {
      unmapWorn(kept.takeWorn());
    }
    if (onDemand()) {
      fault();
    }
    IntQueue toMap = onDemand() ? faults : leftPlaces;
    if (!submitting.busy && !toMap.isEmpty()) {
      mapAnother(toMap.remove());
    }
    if (!submitting.busy && maySubmit()) {
      if (submitting == completing) {
        inInterrupt = false;
      }
      submit(freeTags.remove());
    }
    if (!completing.busy) {
      inInterrupt = false;
    }
  }

  private void unmapWorn(int place) {
    completing.busy = true;
    completing.tag = CallingCpu.NONE;
    completing.place = place;
    completing.buffer = kept.leave(place);
    long now = host.clock().now();
    long leaving = onDemand() ? invalidate(completing.buffer) : 0;
    completing.caller.unmap(completing.buffer, completing.time.delay(now, leaving));
  }

  private void mapAnother(int place) {
    long now = host.clock().now();
    submitting.busy = true;
    submitting.tag = CallingCpu.NONE;
    submitting.place = place;
    submitting.buffer = new DmaRequest();
    source.renewBuffer(submitting.buffer, place, spec.api(), now);
    requested(submitting.buffer, MapApi.KEPT);
    long heard = onDemand() ? host.costs().interrupt() : 0;
    submitting.caller.map(submitting.buffer, submitting.time.delay(now, heard));
  }

  /** Takes a buffer out of the device's table; what that takes of the CPU, which waits for it. */
  private long invalidate(DmaRequest buffer) {
    host.events().regionsInvalidated(host.clock().now(), client, buffer.op, buffer.regions);
    return buffer.regions * (region.postNs() + region.invalidateNs());
  }

  /** A CPU is done with a buffer. One that could not be mapped leaves its place empty. */
  private void bufferDone(CallingCpu cpu, DmaCaller.State state) {
    DmaRequest buffer = cpu.buffer;
    cpu.buffer = null;
    if (state == DmaCaller.State.MAPPED) {
      if (onDemand()) {
        long ns = register(buffer) + buffer.regions * region.registerNs();
        cpu.time.spend(host.clock().now(), ns);
        faulting--;
      }
      kept.renewed(cpu.place, buffer);
    } else if (buffer.failed) {
      faulting -= onDemand() ? 1 : 0;
    } else {
      leftPlaces.add(cpu.place);
    }
  }

  private boolean maySubmit() {
    return !freeTags.isEmpty() && source.hasNext() && (arrivals == null || !arrived.isEmpty());
  }

  private void submit(int freeTag) {
    long now = host.clock().now();
    submitting.busy = true;
    submitting.tag = freeTag;
    if (requests[freeTag] == null) {
      requests[freeTag] = new DmaRequest();
    }
    DmaRequest request = requests[freeTag];
    long since =
        arrivals != null ? arrived.remove() : faultedAt.isEmpty() ? now : faultedAt.remove();
    source.next(request, freeTag, spec.api(), since);
    requested(request, request.api);
    long delay = submitting.time.delay(now, host.costs().submit());
    if (kept == null) {
      submitting.caller.map(request, delay);
    } else if (synced) {
      submitting.caller.syncForDevice(request, delay);
    } else {
      submitting.caller.handOver(request, true, delay);
    }
  }

  private void complete(int completedTag) {
    long now = host.clock().now();
    completing.busy = true;
    completing.tag = completedTag;
    long cost = host.costs().complete() + (inInterrupt ? 0 : host.costs().interrupt());
    inInterrupt = true;
    DmaRequest request = requests[completedTag];
    if (request.invalidated) {
      host.events().regionsInvalidated(now, client, request.op, request.regions);
    } else if (request.regions > 0) {
      cost += request.regions * region.postNs();
    }
    long delay = completing.time.delay(now, cost);
    if (request.regions > 0 && !request.invalidated) {
      completing.caller.handOver(request, false, delay);
    } else if (kept == null) {
      completing.caller.unmap(request, delay);
    } else if (synced && request.direction != Direction.TO_DEVICE) {
      completing.caller.syncForCpu(request, delay);
    } else {
      completing.caller.handOver(request, false, delay);
    }
  }

  @Override
  public void answer(DriverMessage.Answer m) {
    CallingCpu cpu = mappingBuffer == null ? cpu(m.cpu()) : submitting;
    DmaCaller.State state = cpu.caller.on(m);
    if (state == DmaCaller.State.RUNNING) {
      return;
    }
    if (mappingBuffer != null) {
      if (state == DmaCaller.State.MAPPED) {
        kept.mapped(mappingBuffer);
      }
      mapBuffers();
      return;
    }
    if (cpu.buffer != null) {
      bufferDone(cpu, state);
    } else if (state == DmaCaller.State.MAPPED) {
      ring();
    } else if (hasRegions(requests[cpu.tag])) {
      invalidate(requests[cpu.tag], cpu.tag);
    } else {
      finish(cpu.tag);
    }
    cpu.busy = false;
    work();
  }

  private static boolean hasRegions(DmaRequest request) {
    return request.regions > 0 && !request.invalidated;
  }

  /** Work requests that invalidate are posted; the device says when they are done. */
  private void invalidate(DmaRequest request, int tag) {
    request.invalidated = true;
    host.clock()
        .send(
            request.regions * region.invalidateNs(),
            host.layout().client(client),
            new DriverMessage.Completed(request.op, tag, request.faulted));
  }

  /** Makes memory regions of a request; what that takes of the CPU. */
  private long register(DmaRequest request) {
    pageList.build(request.vectors());
    request.regions = pageList.regions();
    host.events()
        .regionsRegistered(
            host.clock().now(), client, request.op, request.regions, pageList.entries());
    return pageList.entries() * region.entryNs() + request.regions * region.postNs();
  }

  private void ring() {
    long now = host.clock().now();
    DmaRequest request = requests[submitting.tag];
    boolean registers = region != null && !region.onDemand();
    long cpuNs = (registers ? register(request) : 0) + host.costs().doorbell();
    long registering = registers ? request.regions * region.registerNs() : 0;
    submitting.time.spend(now, cpuNs);
    host.events().submitted(now, spec.device(), client, request.op);
    host.clock()
        .send(
            cpuNs + registering,
            host.layout().device(spec.device()),
            new DeviceMessage.Doorbell(
                client,
                request.op,
                submitting.tag,
                request.direction.ordinal(),
                request.bytes,
                request.vectors()));
  }

  private void finish(int tag) {
    DmaRequest request = requests[tag];
    if (!request.failed) {
      long now = host.clock().now();
      long bytes = request.faulted ? 0 : request.bytes;
      host.events().requestDone(now, client, request.op, bytes, now - request.startedAt);
    }
    if (kept != null) {
      kept.give(request);
    }
    freeTags.add(tag);
  }
}
