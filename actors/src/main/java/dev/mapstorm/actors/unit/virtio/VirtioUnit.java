package dev.mapstorm.actors.unit.virtio;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.virtio.RequestQueue;
import dev.mapstorm.actors.unit.InvalidatingUnit;
import dev.mapstorm.actors.unit.PostedInvalidation;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * A virtio-iommu: translates for devices, and carries out the requests of its queue.
 *
 * <p>A sync holds {@code request_lock} from its kick until the hypervisor has done all requests
 * that are queued, those of others too ({@code viommu_sync_req}); who waited for the lock may then
 * find nothing left to do. A queue without room is kicked and drained for each filling.
 */
final class VirtioUnit extends InvalidatingUnit {
  private final VirtioCosts costs;
  private final RequestQueue queue;
  private final SpinLock requestLock;
  private final Slots<Sync> syncs = new Slots<>();

  /** Exits and execution of the requests that are queued, or were drained for want of room. */
  private int fullKicks;

  private long queuedNs;

  /** A CPU that waits for its requests. */
  private static final class Sync extends PostedInvalidation {
    private int number;
    private boolean invalidates;
  }

  VirtioUnit(int iommu, VirtioSpec spec, Translation[] domains, HostContext host) {
    super(iommu, new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    costs = spec.costs();
    queue = new RequestQueue(spec.queueEntries());
    requestLock =
        new SpinLock(
            LockClass.REQUEST_QUEUE, LockClass.instance(iommu, 0, 0), host.events(), host.locks());
  }

  @Override
  protected Slots<Sync> inHand() {
    return syncs;
  }

  @Override
  public void queueRequests(IommuMessage.QueueRequests m) {
    long now = host.clock().now();
    add(m.maps(), costs.mapRequest());
    add(m.unmaps(), costs.unmapRequest());
    queuedNs += (m.mapPages() - m.maps()) * costs.mapPage();
    queuedNs += (m.unmapPages() - m.unmaps()) * costs.unmapPage();
    int number = syncs.take(Sync::new);
    Sync sync = syncs.get(number);
    begin(sync, m.domain(), m.number(), m.call(), m.cpu());
    sync.cover(m.pfn(), m.pages());
    sync.number = number;
    sync.invalidates = m.invalidates();
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
      post(sync, sync.pfn(), sync.covered());
    }
    long kicks = fullKicks + (queue.drain() > 0 ? 1 : 0);
    long ns = kicks * (costs.kick() + costs.completion()) + queuedNs;
    fullKicks = 0;
    queuedNs = 0;
    doneIn(requestLock.since() + ns - host.clock().now(), sync.number);
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    LockUser following = requestLock.unlock(host.clock().now());
    if (following != null) {
      kick((Sync) following);
    }
    complete(syncs.get(m.number()));
    syncs.give(m.number());
  }
}
