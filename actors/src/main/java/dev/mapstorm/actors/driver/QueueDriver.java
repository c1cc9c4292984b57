package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.IntQueue;
import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * A driver queue run by one CPU. The CPU does one thing at a time: it finishes what the device
 * completed before it submits more. A request's life: build the command, map, ring the doorbell,
 * wait for the device, interrupt, unmap, done. What is asked for comes from a {@link
 * RequestSource}; when, from {@link Arrivals}, or, in a closed loop, from what is done.
 */
public final class QueueDriver implements Core<DriverMessage>, DriverMessage.Receiver {
  private static final long ARRIVALS = 3;

  private final int client;
  private final ClientSpec.Queue spec;
  private final HostContext host;
  private final RequestSource source;
  private final DmaCaller caller;
  private final Cpu cpu = new Cpu();

  /** By tag; made when a tag is used for the first time. */
  private final DmaRequest[] requests;

  private final IntQueue freeTags = new IntQueue();
  private final IntQueue completions = new IntQueue();
  private final ArrayDeque<Long> arrived = new ArrayDeque<>();
  private final Arrivals arrivals;

  private long arrivedOps;
  private int tag;
  private boolean busy;
  private boolean inInterrupt;

  public QueueDriver(int client, HostSpec spec, HostContext host) {
    this.client = client;
    this.spec = (ClientSpec.Queue) spec.clients().get(client);
    this.host = host;
    source = RequestSource.of(client, this.spec, spec.seed());
    arrivals = arrivals(client, this.spec, spec.seed());
    int domain = spec.devices().get(this.spec.device()).domain();
    caller = new DmaCaller(client, this.spec.cpu(), domain, this.spec.batchCapacity(), host);
    int depth = this.spec.load().depth();
    requests = new DmaRequest[depth];
    for (int i = 0; i < depth; i++) {
      freeTags.add(i);
    }
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
    expectArrival();
    work();
  }

  @Override
  public void completed(DriverMessage.Completed m) {
    requests[m.tag()].faulted = m.faulted();
    completions.add(m.tag());
    work();
  }

  @Override
  public void stolen(DriverMessage.Stolen m) {
    cpu.spend(host.clock().now(), m.ns());
  }

  @Override
  public void show(HostVisitor visitor) {
    BitSet used = new BitSet();
    used.set(0, requests.length);
    freeTags.forEach(used::clear);
    used.stream()
        .forEach(
            each ->
                visitor.request(
                    client,
                    busy && each == tag
                        ? caller.show()
                        : requests[each].show(RequestInProgress.Phase.MAPPED, 0)));
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

  /** Starts the next thing to do, if the CPU has nothing in hand. */
  private void work() {
    if (busy) {
      return;
    }
    if (!completions.isEmpty()) {
      complete(completions.remove());
    } else if (maySubmit()) {
      submit(freeTags.remove());
    } else {
      inInterrupt = false;
    }
  }

  private boolean maySubmit() {
    return !freeTags.isEmpty() && (arrivals == null ? source.hasNext() : !arrived.isEmpty());
  }

  private void submit(int freeTag) {
    long now = host.clock().now();
    busy = true;
    inInterrupt = false;
    tag = freeTag;
    if (requests[tag] == null) {
      requests[tag] = new DmaRequest();
    }
    DmaRequest request = requests[tag];
    long since = arrivals == null ? now : arrived.remove();
    source.next(request, tag, spec.api(), since);
    host.events()
        .dmaRequested(
            now,
            client,
            request.op,
            request.direction.ordinal(),
            request.api.ordinal(),
            request.phys.length,
            request.phys,
            request.length);
    caller.map(request, cpu.delay(now, host.costs().submit()));
  }

  private void complete(int completedTag) {
    long now = host.clock().now();
    busy = true;
    tag = completedTag;
    long cost = host.costs().complete() + (inInterrupt ? 0 : host.costs().interrupt());
    inInterrupt = true;
    caller.unmap(requests[tag], cpu.delay(now, cost));
  }

  @Override
  public void answer(DriverMessage.Answer m) {
    switch (caller.on(m)) {
      case RUNNING -> {}
      case MAPPED -> {
        ring();
        busy = false;
        work();
      }
      case UNMAPPED -> {
        finish();
        busy = false;
        work();
      }
    }
  }

  private void ring() {
    long now = host.clock().now();
    DmaRequest request = requests[tag];
    cpu.spend(now, host.costs().doorbell());
    host.events().submitted(now, spec.device(), client, request.op);
    host.clock()
        .send(
            host.costs().doorbell(),
            host.layout().device(spec.device()),
            new DeviceMessage.Doorbell(
                client,
                request.op,
                tag,
                request.direction.ordinal(),
                request.bytes,
                request.vectors()));
  }

  private void finish() {
    DmaRequest request = requests[tag];
    if (!request.failed) {
      long now = host.clock().now();
      long bytes = request.faulted ? 0 : request.bytes;
      host.events().requestDone(now, client, request.op, bytes, now - request.startedAt);
    }
    freeTags.add(tag);
  }
}
