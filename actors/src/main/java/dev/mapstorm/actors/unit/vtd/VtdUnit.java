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
  /** {@code QI_MAX_BATCHED_DESC_COUNT}: descriptors of a submission. */
  static final int BATCH = 16;

  private final VtdCosts costs;
  private final InvalidationQueue queue;
  private final SpinLock queueLock;
  private final PsiRange range;
  private final DescriptorKind[] kinds = new DescriptorKind[BATCH];
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
    int number = begin(m.domain(), m.number(), m.call(), m.cpu(), m.pfn(), m.pages());
    PostedInvalidation invalidation = invalidations.get(number);
    kinds[0] = kind();
    long done = submit(invalidation, 1);
    post(invalidation, m.pfn(), m.pages());
    doneIn(done - host.clock().now(), number);
  }

  /** {@code qi_batch_flush_descs}: one wait descriptor for all. */
  @Override
  public void invalidateRanges(IommuMessage.InvalidateRanges m) {
    long[] ranges = m.ranges();
    int first = begin(m.domain(), m.number(), m.call(), m.cpu(), ranges[0], ranges[1]);
    PostedInvalidation invalidation = invalidations.get(first);
    kinds[0] = kind();
    post(invalidation, ranges[0], ranges[1]);
    for (int i = 2; i < ranges.length; i += 2) {
      int other = begin(m.domain(), m.number(), m.call(), m.cpu(), ranges[i], ranges[i + 1]);
      kinds[i / 2] = kind();
      postWith(invalidation, other, ranges[i], ranges[i + 1]);
    }
    long done = submit(invalidation, ranges.length / 2);
    doneIn(done - host.clock().now(), first);
  }

  /** Takes a range into hand; {@link #kind} is then its descriptor. */
  private int begin(int domain, int call, long callId, int cpu, long pfn, long pages) {
    if (pages == 0) {
      range.coverAll();
    } else {
      range.cover(pfn << Granule.SHIFT, ((pfn + pages) << Granule.SHIFT) - 1);
    }
    int number = invalidations.take(PostedInvalidation::new);
    PostedInvalidation invalidation = invalidations.get(number);
    begin(invalidation, domain, call, callId, cpu);
    if (!range.domainSelective()) {
      invalidation.cover(range.pfn(), range.pages());
    }
    return number;
  }

  private DescriptorKind kind() {
    return range.domainSelective() ? DescriptorKind.IOTLB_DOMAIN : DescriptorKind.IOTLB_PAGES;
  }

  /** Posts descriptors; the instant at which the CPU sees that their wait descriptor is done. */
  private long submit(PostedInvalidation invalidation, int descriptors) {
    long now = host.clock().now();
    long posted = queueLock.hold(now, invalidation, costs.queuePost()) + costs.queuePost();
    // Whoever comes behind a submitter that waits for room waits behind it.
    posted = Math.max(posted, postedUpTo);
    posted = Math.max(posted, queue.roomAt(posted, descriptors));
    postedUpTo = posted;
    long done = queue.submit(posted, kinds, descriptors);
    return done + costs.waitLatency() + host.distanceToUnit(invalidation.cpu());
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    complete(invalidations.get(m.number()));
    invalidations.give(m.number());
  }
}
