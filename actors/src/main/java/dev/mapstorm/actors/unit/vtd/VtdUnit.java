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
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;
import java.util.Map;

/**
 * A VT-d unit: translates for devices, and executes invalidations in the order of its queue.
 *
 * <p>An invalidation is {@code qi_submit_sync} (drivers/iommu/intel/dmar.c): under {@code q_lock}
 * the CPU writes the descriptor and a wait descriptor; the unit executes them in order; entries
 * leave the IOTLB when the unit gets there, not when the CPU asks. The lock is modelled for the
 * posting; the short retakes while the CPU polls are not.
 *
 * <p>After the descriptor of a range come those for devices with ATS, in the same submission as far
 * as 16 go into one. Its wait descriptor is done when they have answered, and so have those of all
 * submissions before it.
 */
final class VtdUnit extends InvalidatingUnit {
  /** {@code QI_MAX_BATCHED_DESC_COUNT}: descriptors of a submission. */
  static final int BATCH = 16;

  private final VtdCosts costs;
  private final InvalidationQueue queue;
  private final SpinLock queueLock;
  private final PsiRange range;
  private final int batch;
  private DescriptorKind[] kinds = new DescriptorKind[BATCH];
  private long postedUpTo;
  private final Slots<VtdSubmission> submissions = new Slots<>();

  VtdUnit(int iommu, VtdSpec spec, Translation[] domains, HostContext host) {
    super(iommu, new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    costs = spec.costs();
    queue =
        new InvalidationQueue(
            spec.queueEntries(),
            Map.of(
                DescriptorKind.IOTLB_PAGES, costs.invalidatePages(),
                DescriptorKind.IOTLB_DOMAIN, costs.invalidateDomain(),
                DescriptorKind.DEVICE_TLB, costs.invalidatePages(),
                DescriptorKind.WAIT, costs.invalidateWait()));
    queueLock =
        new SpinLock(
            LockClass.INVALIDATION_QUEUE,
            LockClass.instance(iommu, 0, 0),
            host.events(),
            host.locks());
    range = new PsiRange(spec.maxAddressMask(), true);
    batch = Math.min(BATCH, spec.queueEntries() - 2);
  }

  @Override
  protected Slots<VtdSubmission> inHand() {
    return submissions;
  }

  @Override
  public void invalidate(IommuMessage.Invalidate m) {
    int number = begin(m.domain(), m.number(), m.call(), m.cpu(), m.pfn(), m.pages());
    VtdSubmission submission = submissions.get(number);
    submission.add(kind(), range.pfn(), blockPages());
    long done = submit(submission);
    post(submission, m.pfn(), m.pages());
    sent(number, done);
  }

  /** {@code qi_batch_flush_descs}: one wait descriptor for all. */
  @Override
  public void invalidateRanges(IommuMessage.InvalidateRanges m) {
    long[] ranges = m.ranges();
    int first = begin(m.domain(), m.number(), m.call(), m.cpu(), ranges[0], ranges[1]);
    VtdSubmission submission = submissions.get(first);
    submission.add(kind(), range.pfn(), blockPages());
    post(submission, ranges[0], ranges[1]);
    for (int i = 2; i < ranges.length; i += 2) {
      int other = begin(m.domain(), m.number(), m.call(), m.cpu(), ranges[i], ranges[i + 1]);
      submission.add(kind(), range.pfn(), blockPages());
      postWith(submission, other, ranges[i], ranges[i + 1]);
    }
    sent(first, submit(submission));
  }

  /** Takes a range into hand; {@link #kind} is then its descriptor. */
  private int begin(int domain, int call, long callId, int cpu, long pfn, long pages) {
    if (pages == 0) {
      range.coverAll();
    } else {
      range.cover(pfn << Granule.SHIFT, ((pfn + pages) << Granule.SHIFT) - 1);
    }
    int number = submissions.take(VtdSubmission::new);
    VtdSubmission submission = submissions.get(number);
    begin(submission, domain, call, callId, cpu);
    submission.clear();
    if (!range.domainSelective()) {
      submission.cover(range.pfn(), range.pages());
    }
    return number;
  }

  private DescriptorKind kind() {
    return range.domainSelective() ? DescriptorKind.IOTLB_DOMAIN : DescriptorKind.IOTLB_PAGES;
  }

  /** Granules that a device-TLB descriptor names: those of the block, whatever MAMV is. */
  private long blockPages() {
    return range.order() >= PsiRange.MAX_PFN_WIDTH ? 0 : range.pages();
  }

  /** Posts descriptors; the instant at which the CPU sees that their wait descriptor is done. */
  private long submit(VtdSubmission submission) {
    long now = host.clock().now();
    long posted = queueLock.hold(now, submission, costs.queuePost()) + costs.queuePost();
    int devices = hasTlbs() ? tlbsOf(submission.domain()).length : 0;
    kinds = submission.descriptors(devices, kinds);
    int left = submission.ranges() * (1 + devices);
    int at = 0;
    while (true) {
      // Whoever comes behind a submitter that waits for room waits behind it.
      posted = Math.max(posted, postedUpTo);
      int some = Math.min(left, batch);
      posted = Math.max(posted, queue.roomAt(posted, some));
      postedUpTo = posted;
      long done =
          queue.submit(posted, at == 0 ? kinds : Arrays.copyOfRange(kinds, at, at + some), some);
      long seen = seenAt(submission, done);
      left -= some;
      at += some;
      if (left == 0) {
        return seen;
      }
      posted = seen + costs.queuePost();
    }
  }

  /** Its descriptors are in the queue: devices are told when the unit comes to its last ones. */
  private void sent(int number, long done) {
    VtdSubmission submission = submissions.get(number);
    if (hasTlbs()) {
      long executed = Math.max(0, queue.hardwareFreeNs() - costs.invalidateWait());
      long delay = Math.max(0, executed - host.clock().now());
      for (int i = 0; i < submission.ranges(); i++) {
        tellDevices(submission, submission.pfn(i), submission.pages(i), delay);
      }
    }
    completeAt(done, number);
  }

  @Override
  protected long seenAt(PostedInvalidation each, long answeredAt) {
    return answeredAt + costs.waitLatency() + host.distanceToUnit(each.cpu());
  }

  /**
   * Invalidation Time-out Error: the unit stops, the CPU that sees it aborts all wait descriptors
   * in the queue, and whoever waits for one submits again; only if the device is gone its own
   * submission is given up ({@code qi_check_fault}).
   */
  @Override
  protected void timedOut(PostedInvalidation of, long ticket, int device) {
    boolean gone = !host.ats().present(device);
    timedOut(ticket, device, gone ? InvalidationTimeout.DEVICE_GONE : InvalidationTimeout.REPEATED);
    letGo();
    long now = host.clock().now();
    for (int number : inHandByTicket()) {
      VtdSubmission each = submissions.get(number);
      if (gone && each == of) {
        completeAt(seenAt(each, now), number);
      } else {
        sent(number, submit(each));
      }
    }
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    if (isOver(m.number())) {
      complete(submissions.get(m.number()));
      submissions.give(m.number());
    }
  }
}
