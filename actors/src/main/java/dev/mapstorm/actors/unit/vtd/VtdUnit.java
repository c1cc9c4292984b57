package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.vtd.DescriptorKind;
import dev.mapstorm.actors.model.vtd.InvalidationQueue;
import dev.mapstorm.actors.model.vtd.PsiRange;
import dev.mapstorm.actors.unit.InvalidatingUnit;
import dev.mapstorm.actors.unit.PostedInvalidation;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.LockClass;
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
final class VtdUnit extends InvalidatingUnit {
  private final VtdCosts costs;
  private final InvalidationQueue queue;
  private final SpinLock queueLock;
  private final PsiRange range;
  private long postedUpTo;
  private final Slots<PostedInvalidation> invalidations = new Slots<>();

  VtdUnit(int iommu, VtdSpec spec, Translation[] domains, HostContext host) {
    super(iommu, new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    costs = spec.costs();
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
  protected Slots<PostedInvalidation> inHand() {
    return invalidations;
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
    int number = invalidations.take(PostedInvalidation::new);
    PostedInvalidation invalidation = invalidations.get(number);
    begin(invalidation, m.domain(), m.number(), m.call(), m.cpu());
    if (!range.domainSelective()) {
      invalidation.cover(range.pfn(), range.pages());
    }

    long posted = queueLock.hold(now, invalidation, costs.queuePost()) + costs.queuePost();
    // Whoever comes behind a submitter that waits for room waits behind it.
    posted = Math.max(posted, postedUpTo);
    posted = Math.max(posted, queue.roomAt(posted, 1));
    postedUpTo = posted;
    long done = queue.submit(posted, kind, 1);

    post(invalidation, m.pfn(), m.pages());
    doneIn(done - now, number);
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    complete(invalidations.get(m.number()));
    invalidations.give(m.number());
  }
}
