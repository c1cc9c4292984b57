package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.vtd.DescriptorKind;
import dev.mapstorm.actors.model.vtd.InvalidationQueue;
import dev.mapstorm.actors.model.vtd.PsiRange;
import dev.mapstorm.actors.unit.Translator;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Map;

/**
 * A VT-d unit: translates for devices, and executes invalidations in the order of its queue.
 *
 * <p>An invalidation is {@code qi_submit_sync} (drivers/iommu/intel/dmar.c): under {@code q_lock}
 * the CPU writes the descriptor and a wait descriptor; the unit executes them in order; entries
 * leave the IOTLB when the unit gets there, not when the CPU asks. The lock is modelled for the
 * posting; the short retakes while the CPU polls are not.
 */
final class VtdUnit implements Unit {
  private final int iommu;
  private final HostContext host;
  private final VtdCosts costs;
  private final Translator translator;
  private final InvalidationQueue queue;
  private final SpinLock queueLock;
  private final PsiRange range;
  private long postedUpTo;
  private final Slots<Invalidation> invalidations = new Slots<>();

  /** An invalidation on its way through the queue. */
  private static final class Invalidation {
    private int domain;
    private int call;
    private int cpu;
    private long pfn;
    private long covered;
    private long postedAt;
  }

  VtdUnit(int iommu, VtdSpec spec, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    costs = spec.costs();
    translator = new Translator(new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    queue =
        new InvalidationQueue(
            spec.queueEntries(),
            Map.of(
                DescriptorKind.IOTLB_PAGES, costs.invalidatePages(),
                DescriptorKind.IOTLB_DOMAIN, costs.invalidateDomain(),
                DescriptorKind.WAIT, costs.invalidateWait()));
    queueLock =
        new SpinLock(
            LockClass.INVALIDATION_QUEUE,
            LockClass.instance(iommu, 0, 0),
            host.events(),
            host.locks());
    range = new PsiRange(spec.maxAddressMask(), true);
  }

  @Override
  public void show(HostVisitor visitor) {
    invalidations.forEachTaken(
        ticket -> {
          Invalidation each = invalidations.get(ticket);
          visitor.invalidation(
              iommu, ticket, each.domain, each.call, each.cpu, each.covered, each.postedAt);
        });
  }

  @Override
  public void translate(IommuMessage.Translate m) {
    translator.translate(m);
  }

  @Override
  public void invalidate(IommuMessage.Invalidate m) {
    long now = host.clock().now();
    boolean whole = m.pages() == 0;
    if (whole) {
      range.coverAll();
    } else {
      range.cover(m.pfn() << Granule.SHIFT, ((m.pfn() + m.pages()) << Granule.SHIFT) - 1);
    }
    DescriptorKind kind =
        range.domainSelective() ? DescriptorKind.IOTLB_DOMAIN : DescriptorKind.IOTLB_PAGES;
    long posted = queueLock.hold(now, m.cpu(), costs.queuePost()) + costs.queuePost();
    // Whoever comes behind a submitter that waits for room waits behind it.
    posted = Math.max(posted, postedUpTo);
    posted = Math.max(posted, queue.roomAt(posted, 1));
    postedUpTo = posted;
    long done = queue.submit(posted, kind, 1);

    int ticket = invalidations.take(Invalidation::new);
    Invalidation invalidation = invalidations.get(ticket);
    invalidation.domain = m.domain();
    invalidation.call = m.call();
    invalidation.cpu = m.cpu();
    invalidation.pfn = range.domainSelective() ? 0 : range.pfn();
    invalidation.covered = range.domainSelective() ? 0 : range.pages();
    invalidation.postedAt = now;
    int journaled =
        (range.domainSelective() ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(
            now, iommu, m.domain(), m.cpu(), journaled, m.pfn(), m.pages(), invalidation.covered);
    host.clock()
        .send(done - now, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(ticket));
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    long now = host.clock().now();
    Invalidation done = invalidations.get(m.ticket());
    int dropped = translator.invalidate(done.domain, done.pfn, done.covered);
    host.events()
        .invalidationCompleted(now, iommu, done.domain, done.cpu, now - done.postedAt, dropped);
    host.clock().tell(host.layout().domain(done.domain), new DomainMessage.Invalidated(done.call));
    invalidations.give(m.ticket());
  }
}
