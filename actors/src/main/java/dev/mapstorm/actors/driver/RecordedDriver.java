package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.IntQueue;
import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.model.percpu.PerCpu;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.Arrays;

/**
 * A driver that repeats recorded requests on the CPUs that made them, open loop: each at its
 * recorded instant, or as soon as its CPU has finished the one before. The device touches what was
 * mapped; a release waits for it, since no correct driver unmaps what its device still uses.
 * Coherent memory, what was mapped by the IOMMU API, and mappings of 2 GiB and more are not
 * touched.
 *
 * <p>A map that is to have the address of an earlier one waits until that is unmapped.
 *
 * <p>A CPU serves this client alone: where a recording has several devices, their calls on one CPU
 * may overlap here.
 */
public final class RecordedDriver implements Core<DriverMessage>, DriverMessage.Receiver {
  private static final int NO_RELEASE = -1;

  /** No device moves more than that at once: what is larger is mapped for others to reach. */
  private static final long MOVED = Integer.MAX_VALUE;

  private final int client;
  private final ClientSpec.Recorded spec;
  private final RecordedRequests recorded;
  private final HostContext host;
  private final int domain;

  /** The CPUs that called so far. */
  private final PerCpu<CallingCpu> cpus;

  private final DmaRequest[] requests;
  private final Stage[] stages;

  /** By request: whether the device leaves it alone. */
  private final boolean[] onlyMapped;

  private final int[] releaseOn;

  /** Maps that have arrived and whose addresses are not free, by their entries. */
  private final IntQueue parked = new IntQueue();

  private int next;

  /** How far a request has come. */
  private enum Stage {
    /** Not seen, or its mapping calls are under way. */
    UNMAPPED,
    /** Mapped, and the device is not done with it. */
    AT_DEVICE,
    /** Mapped, and nobody uses it. */
    IDLE,
    /** Released, or failed: nothing is left. */
    GONE
  }

  /**
   * What one CPU has in hand, and what waits for it: indices of maps, and complements of the
   * numbers of requests to release.
   */
  private static final class CallingCpu {
    private final DmaCaller caller;
    private final Cpu time = new Cpu();
    private final IntQueue waiting = new IntQueue();
    private boolean busy;

    CallingCpu(DmaCaller caller) {
      this.caller = caller;
    }
  }

  public RecordedDriver(int client, HostSpec spec, HostContext host) {
    this.client = client;
    this.spec = (ClientSpec.Recorded) spec.clients().get(client);
    this.recorded = this.spec.requests();
    this.host = host;
    domain = spec.devices().get(this.spec.device()).domain();
    cpus = new PerCpu<>(spec.cpus());
    int ops = 0;
    for (int op : recorded.op()) {
      ops = Math.max(ops, op + 1);
    }
    requests = new DmaRequest[ops];
    stages = new Stage[ops];
    onlyMapped = new boolean[ops];
    Arrays.fill(stages, Stage.UNMAPPED);
    releaseOn = new int[ops];
    Arrays.fill(releaseOn, NO_RELEASE);
  }

  private CallingCpu cpu(int number) {
    CallingCpu cpu = cpus.get(number);
    if (cpu == null) {
      cpu = new CallingCpu(new DmaCaller(client, number, domain, spec.batch(), null, host));
      cpus.set(number, cpu);
    }
    return cpu;
  }

  @Override
  public void on(DriverMessage message) {
    message.to(this);
  }

  @Override
  public void start(DriverMessage.Start m) {
    awaitNext();
  }

  @Override
  public void completed(DriverMessage.Completed m) {
    requests[m.tag()].faulted = m.faulted();
    stages[m.tag()] = Stage.IDLE;
    releaseIfAsked(m.tag());
  }

  @Override
  public void stolen(DriverMessage.Stolen m) {
    cpu(m.cpu()).time.spend(host.clock().now(), m.ns());
  }

  @Override
  public void show(HostVisitor visitor) {
    for (DmaRequest request : requests) {
      if (request != null) {
        visitor.request(client, show(request));
      }
    }
  }

  private RequestInProgress show(DmaRequest request) {
    RequestInProgress[] shown = {request.show(RequestInProgress.Phase.MAPPED, 0)};
    cpus.forEach(
        (number, cpu) -> {
          if (cpu.busy && cpu.caller.request() == request) {
            shown[0] = cpu.caller.show();
          }
        });
    return shown[0];
  }

  private void awaitNext() {
    if (next < recorded.size()) {
      long delay = Math.max(0, recorded.t()[next] - host.clock().now());
      host.clock().send(delay, host.layout().client(client), new DriverMessage.Wake());
    }
  }

  @Override
  public void wake(DriverMessage.Wake m) {
    int entry = next++;
    int cpu = recorded.cpu()[entry];
    int op = recorded.op()[entry];
    if (recorded.release()[entry]) {
      host.events().releaseRequested(host.clock().now(), client, op, cpu);
      releaseOn[op] = cpu;
      releaseIfAsked(op);
    } else {
      host.events().requestArrived(host.clock().now(), client, op, cpu);
      if (isFree(entry)) {
        enqueue(cpu, entry);
      } else {
        parked.add(entry);
      }
    }
    awaitNext();
  }

  /** Whether all that was at the address of a map is gone. */
  private boolean isFree(int entry) {
    for (int before : recorded.after(entry)) {
      if (stages[before] != Stage.GONE) {
        return false;
      }
    }
    return true;
  }

  /** Takes up what waited for an address that is free now. */
  private void unpark() {
    for (int left = parked.size(); left > 0; left--) {
      int entry = parked.remove();
      if (isFree(entry)) {
        enqueue(recorded.cpu()[entry], entry);
      } else {
        parked.add(entry);
      }
    }
  }

  private void releaseIfAsked(int op) {
    if (stages[op] == Stage.IDLE && releaseOn[op] != NO_RELEASE) {
      enqueue(releaseOn[op], ~op);
    }
  }

  private void enqueue(int cpu, int work) {
    cpu(cpu).waiting.add(work);
    work(cpu);
  }

  private void work(int cpuNumber) {
    CallingCpu cpu = cpu(cpuNumber);
    while (!cpu.busy && !cpu.waiting.isEmpty()) {
      int work = cpu.waiting.remove();
      cpu.busy = true;
      if (work >= 0) {
        map(cpu, work);
      } else {
        unmap(cpu, ~work);
      }
    }
  }

  private void map(CallingCpu cpu, int entry) {
    long now = host.clock().now();
    int op = recorded.op()[entry];
    MapApi as = MapApi.of(recorded.api()[entry]);
    MapApi api = spec.api() == null || as == MapApi.COHERENT ? as : spec.api();
    DmaRequest request = new DmaRequest();
    requests[op] = request;
    if (recorded.isPlaced(entry)) {
      api = MapApi.IOMMU;
      request.iova = recorded.iova()[entry];
    }
    onlyMapped[op] = as == MapApi.COHERENT || as == MapApi.IOMMU || recorded.bytesOf(entry) > MOVED;
    request.begin(
        op,
        api,
        Direction.of(recorded.direction()[entry]),
        recorded.physOf(entry),
        recorded.lengthOf(entry),
        now);
    host.events()
        .dmaRequested(
            now,
            client,
            op,
            request.direction.ordinal(),
            as.ordinal(),
            request.phys.length,
            request.phys,
            request.length);
    cpu.caller.map(request, cpu.time.delay(now, 0));
  }

  private void unmap(CallingCpu cpu, int op) {
    DmaRequest request = requests[op];
    if (cpu.caller.unmap(request, cpu.time.delay(host.clock().now(), 0))
        == DmaCaller.State.UNMAPPED) {
      gone(cpu, request);
    }
  }

  @Override
  public void answer(DriverMessage.Answer answer) {
    CallingCpu cpu = cpu(answer.cpu());
    DmaCaller.State state = cpu.caller.on(answer);
    DmaRequest request = cpu.caller.request();
    int op = (int) request.op;
    if (state == DmaCaller.State.MAPPED) {
      cpu.busy = false;
      ring(op, request);
      releaseIfAsked(op);
    } else if (state == DmaCaller.State.UNMAPPED) {
      gone(cpu, request);
    }
    work(answer.cpu());
  }

  private void ring(int op, DmaRequest request) {
    if (onlyMapped[op]) {
      stages[op] = Stage.IDLE;
      return;
    }
    stages[op] = Stage.AT_DEVICE;
    host.events().submitted(host.clock().now(), spec.device(), client, op);
    host.clock()
        .tell(
            host.layout().device(spec.device()),
            new DeviceMessage.Doorbell(
                client, op, op, request.direction.ordinal(), request.bytes, request.vectors()));
  }

  private void gone(CallingCpu cpu, DmaRequest request) {
    cpu.busy = false;
    int op = (int) request.op;
    stages[op] = Stage.GONE;
    requests[op] = null;
    if (!request.failed && !onlyMapped[op]) {
      long now = host.clock().now();
      long bytes = request.faulted ? 0 : request.bytes;
      host.events().requestDone(now, client, op, bytes, now - request.startedAt);
    }
    unpark();
  }
}
