package dev.mapstorm.actors.unit.amd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.amd.AmdCommands;
import dev.mapstorm.actors.model.amd.AmdFlush;
import dev.mapstorm.actors.model.amd.CommandBuffer;
import dev.mapstorm.actors.model.amd.InvalidationAddress;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.unit.InvalidatingUnit;
import dev.mapstorm.actors.unit.PostedInvalidation;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;

/**
 * An AMD-Vi unit: translates for devices, and executes the commands of its buffer in order.
 *
 * <p>An invalidation is its commands, each queued under {@code iommu->lock} (L8), and a
 * COMPLETION_WAIT; the CPU looks every microsecond whether the unit has stored its number ({@code
 * wait_on_sem}, drivers/iommu/amd/iommu.c), so what it waits is whole microseconds.
 */
final class AmdUnit extends InvalidatingUnit implements AmdCommands {
  /** {@code udelay(1)}. */
  private static final long POLL_NS = 1_000;

  /** So often a CPU looks, before it logs "Completion-Wait loop timed out". */
  private static final long LOOP_TIMEOUT = 100_000;

  /** A CPU that looks whether its COMPLETION_WAIT is done. */
  private static final class AmdWait extends PostedInvalidation {
    /** The instant of its first look. */
    private long pollsFrom;
  }

  private final AmdCosts costs;
  private final CommandBuffer buffer;
  private final SpinLock bufferLock;
  private final AmdFlush flush;

  /** By domain: the same with its devices that have ATS; null without one. */
  private final AmdFlush[] flushes;

  private final boolean npCache;
  private final Slots<AmdWait> invalidations = new Slots<>();
  private AmdWait posting;
  private long at;

  /** Whether commands follow that are waited for together with those before. */
  private boolean more;

  AmdUnit(int iommu, AmdSpec spec, Translation[] domains, HostContext host) {
    super(iommu, new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    costs = spec.costs();
    npCache = spec.npCache() == 1;
    buffer = new CommandBuffer(spec.bufferEntries(), POLL_NS);
    bufferLock =
        new SpinLock(
            LockClass.COMMAND_BUFFER, LockClass.instance(iommu, 0, 0), host.events(), host.locks());
    flush = flush(new int[0]);
    flushes = new AmdFlush[domains.length];
    for (int domain = 0; hasTlbs() && domain < flushes.length; domain++) {
      flushes[domain] = flush(tlbsOf(domain));
    }
  }

  private AmdFlush flush(int[] devices) {
    int[] units = new int[devices.length];
    boolean[] ats = new boolean[devices.length];
    Arrays.fill(units, iommu);
    Arrays.fill(ats, true);
    return new AmdFlush(false, npCache, 0, new int[] {iommu}, units, devices, ats);
  }

  private AmdFlush flush(int domain) {
    return hasTlbs() ? flushes[domain] : flush;
  }

  @Override
  protected Slots<AmdWait> inHand() {
    return invalidations;
  }

  @Override
  public void invalidate(IommuMessage.Invalidate m) {
    long now = host.clock().now();
    int number = invalidations.take(AmdWait::new);
    AmdWait invalidation = invalidations.get(number);
    begin(invalidation, m.domain(), m.number(), m.call(), m.cpu());
    cover(invalidation, m.pfn(), m.pages());
    post(invalidation, m.pfn(), m.pages());
    posting = invalidation;
    at = now;
    if (m.pages() == 0) {
      flush(m.domain()).all(this);
    } else {
      flush(m.domain()).pages(m.pfn() << Granule.SHIFT, m.pages() << Granule.SHIFT, true, this);
    }
    posting = null;
    completeAt(at, number);
  }

  /** A command for each range, and one COMPLETION_WAIT after them. */
  @Override
  public void invalidateRanges(IommuMessage.InvalidateRanges m) {
    long now = host.clock().now();
    long[] ranges = m.ranges();
    int first = invalidations.take(AmdWait::new);
    posting = invalidations.get(first);
    at = now;
    for (int i = 0; i < ranges.length; i += 2) {
      int number = i == 0 ? first : invalidations.take(AmdWait::new);
      AmdWait each = invalidations.get(number);
      begin(each, m.domain(), m.number(), m.call(), m.cpu());
      cover(each, ranges[i], ranges[i + 1]);
      if (i == 0) {
        post(each, ranges[0], ranges[1]);
      } else {
        postWith(posting, number, ranges[i], ranges[i + 1]);
      }
      more = i + 2 < ranges.length;
      flush(m.domain())
          .pages(ranges[i] << Granule.SHIFT, ranges[i + 1] << Granule.SHIFT, true, this);
    }
    posting = null;
    completeAt(at, first);
  }

  /** In one command a block that is aligned to its size; in aligned pieces just the range. */
  private void cover(PostedInvalidation invalidation, long pfn, long pages) {
    if (pages == 0 || npCache) {
      invalidation.cover(pfn, pages);
      return;
    }
    long address = pfn << Granule.SHIFT;
    long bytes = pages << Granule.SHIFT;
    boolean several = InvalidationAddress.several(address, bytes);
    long encoded = InvalidationAddress.encode(address, bytes);
    invalidation.cover(
        InvalidationAddress.firstPfn(encoded, several),
        InvalidationAddress.pages(encoded, several));
  }

  @Override
  public void invalidatePages(
      int unit, int domainId, long address, boolean several, boolean tables, boolean guest) {
    boolean all = InvalidationAddress.pages(address, several) == 0;
    post(all ? costs.invalidateAll() : costs.invalidatePages());
  }

  @Override
  public void invalidateIotlb(int unit, int device, long address, boolean several, boolean guest) {
    post(costs.invalidatePages());
    long pages = InvalidationAddress.pages(address, several);
    long pfn = pages == 0 ? 0 : InvalidationAddress.firstPfn(address, several);
    int told = tlbsOf(posting.domain())[device];
    tellDevice(posting, told, pfn, pages, buffer.lastDoneNs() - host.clock().now());
  }

  @Override
  public void completionWait(int unit) {
    if (more) {
      return;
    }
    posting.pollsFrom = post(costs.completionWait());
    at = seenAt(posting, buffer.lastDoneNs());
  }

  @Override
  protected long seenAt(PostedInvalidation each, long answeredAt) {
    long from = ((AmdWait) each).pollsFrom;
    long seen = answeredAt + costs.completionLatency();
    long left = seen + host.distanceToUnit(each.cpu()) - from;
    return from + (left + POLL_NS - 1) / POLL_NS * POLL_NS;
  }

  @Override
  protected long givesUpAt(PostedInvalidation each) {
    return ((AmdWait) each).pollsFrom + LOOP_TIMEOUT * POLL_NS;
  }

  /** Queues a command; whoever comes after a CPU that waits for room waits too. */
  private long post(long serviceNs) {
    long taken = bufferLock.hold(at, posting, costs.queueCommand());
    at = buffer.post(Math.max(taken + costs.queueCommand(), buffer.postedNs()), serviceNs);
    return at;
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    if (isOver(m.number())) {
      complete(invalidations.get(m.number()));
      invalidations.give(m.number());
    }
  }
}
