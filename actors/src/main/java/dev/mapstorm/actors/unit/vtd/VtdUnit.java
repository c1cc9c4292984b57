package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.LockUser;
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
  private long lastTicket;
  private final Slots<Invalidation> invalidations = new Slots<>();

  /** An invalidation on its way through the queue. */
  private static final class Invalidation implements LockUser {
    /** Its number in events. */
    private long ticket;

    private int domain;
    private int callNumber;
    private long call;
    private int cpu;
    private long pfn;
    private long covered;
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
        number -> {
          Invalidation each = invalidations.get(number);
          visitor.invalidation(
              iommu, each.ticket, each.domain, each.call, each.cpu, each.covered, each.postedAt);
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
    int number = invalidations.take(Invalidation::new);
    Invalidation invalidation = invalidations.get(number);
    invalidation.ticket = ++lastTicket;
    invalidation.domain = m.domain();
    invalidation.callNumber = m.number();
    invalidation.call = m.call();
    invalidation.cpu = m.cpu();
    invalidation.pfn = range.domainSelective() ? 0 : range.pfn();
    invalidation.covered = range.domainSelective() ? 0 : range.pages();
    invalidation.postedAt = now;

    long posted = queueLock.hold(now, invalidation, costs.queuePost()) + costs.queuePost();
    // Whoever comes behind a submitter that waits for room waits behind it.
    posted = Math.max(posted, postedUpTo);
    posted = Math.max(posted, queue.roomAt(posted, 1));
    postedUpTo = posted;
    long done = queue.submit(posted, kind, 1);

    int journaled =
        (range.domainSelective() ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(
            now,
            iommu,
            invalidation.ticket,
            m.domain(),
            m.call(),
            journaled,
            m.pfn(),
            m.pages(),
            invalidation.covered);
    host.clock()
        .send(done - now, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(number));
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    long now = host.clock().now();
    Invalidation done = invalidations.get(m.number());
    int dropped = translator.invalidate(done.domain, done.pfn, done.covered);
    host.events().invalidationCompleted(now, iommu, done.ticket, dropped);
    host.clock()
        .tell(host.layout().domain(done.domain), new DomainMessage.Invalidated(done.callNumber));
    invalidations.give(m.number());
  }
}
