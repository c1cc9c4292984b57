package dev.mapstorm.actors.unit.virtio;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.virtio.RequestQueue;
import dev.mapstorm.actors.unit.Translator;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * A virtio-iommu: translates for devices, and carries out the requests of its queue.
 *
 * <p>A sync holds {@code request_lock} from its kick until the hypervisor has done all requests
 * that are queued, those of others too ({@code viommu_sync_req}); who waited for the lock may then
 * find nothing left to do. A queue without room is kicked and drained for each filling.
 */
final class VirtioUnit implements Unit {
  private final int iommu;
  private final HostContext host;
  private final VirtioCosts costs;
  private final Translator translator;
  private final RequestQueue queue;
  private final SpinLock requestLock;
  private final Slots<Sync> syncs = new Slots<>();
  private long lastTicket;

  /** Exits and execution of the requests that are queued, or were drained for want of room. */
  private int fullKicks;

  private long queuedNs;

  /** A CPU that waits for its requests. */
  private static final class Sync implements LockUser {
    private int number;

    /** Its number in events, once it has the lock and if it invalidates; else 0. */
    private long ticket;

    private boolean invalidates;

    private int domain;
    private int callNumber;
    private long call;
    private int cpu;
    private long pfn;
    private long pages;
    private long postedAt;

    @Override
    public int cpu() {
      return cpu;
    }

    @Override
    public int domain() {
      return domain;
    }

    @Override
    public long call() {
      return call;
    }
  }

  VirtioUnit(int iommu, VirtioSpec spec, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    costs = spec.costs();
    translator = new Translator(new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    queue = new RequestQueue(spec.queueEntries());
    requestLock =
        new SpinLock(
            LockClass.REQUEST_QUEUE, LockClass.instance(iommu, 0, 0), host.events(), host.locks());
  }

  @Override
  public void show(HostVisitor visitor) {
    syncs.forEachTaken(
        number -> {
          Sync each = syncs.get(number);
          if (each.ticket != 0) {
            visitor.invalidation(
                iommu, each.ticket, each.domain, each.call, each.cpu, each.pages, each.postedAt);
          }
        });
  }

  @Override
  public void translate(IommuMessage.Translate m) {
    translator.translate(m);
  }

  @Override
  public void queueRequests(IommuMessage.QueueRequests m) {
    long now = host.clock().now();
    add(m.maps(), costs.mapRequest());
    add(m.unmaps(), costs.unmapRequest());
    int number = syncs.take(Sync::new);
    Sync sync = syncs.get(number);
    sync.number = number;
    sync.ticket = 0;
    sync.invalidates = m.invalidates();
    sync.domain = m.domain();
    sync.callNumber = m.number();
    sync.call = m.call();
    sync.cpu = m.cpu();
    sync.pfn = m.pfn();
    sync.pages = m.pages();
    if (requestLock.lock(now, sync) != SpinLock.QUEUED) {
      kick(sync);
    }
  }

  private void add(int requests, long eachNs) {
    for (int i = 0; i < requests; i++) {
      if (queue.full()) {
        queue.drain();
        fullKicks++;
      }
      queue.add();
      queuedNs += eachNs;
    }
  }

  /** With the lock held: has all that is queued done. Nothing queued is no reason for an exit. */
  private void kick(Sync sync) {
    if (sync.invalidates) {
      post(sync);
    }
    long kicks = fullKicks + (queue.drain() > 0 ? 1 : 0);
    long ns = kicks * (costs.kick() + costs.completion()) + queuedNs;
    fullKicks = 0;
    queuedNs = 0;
    host.clock()
        .send(ns, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(sync.number));
  }

  private void post(Sync sync) {
    sync.ticket = ++lastTicket;
    sync.postedAt = host.clock().now();
    int kind = (sync.pages == 0 ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(
            sync.postedAt,
            iommu,
            sync.ticket,
            sync.domain,
            sync.call,
            kind,
            sync.pfn,
            sync.pages,
            sync.pages);
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    long now = host.clock().now();
    Sync done = syncs.get(m.number());
    LockUser following = requestLock.unlock(now);
    if (following != null) {
      kick((Sync) following);
    }
    if (done.ticket != 0) {
      int dropped = translator.invalidate(done.domain, done.pfn, done.pages);
      host.events().invalidationCompleted(now, iommu, done.ticket, dropped);
    }
    host.clock()
        .tell(host.layout().domain(done.domain), new DomainMessage.Invalidated(done.callNumber));
    syncs.give(m.number());
  }
}
