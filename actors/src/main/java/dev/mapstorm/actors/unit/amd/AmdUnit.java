package dev.mapstorm.actors.unit.amd;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.amd.AmdCommands;
import dev.mapstorm.actors.model.amd.AmdFlush;
import dev.mapstorm.actors.model.amd.CommandBuffer;
import dev.mapstorm.actors.model.amd.InvalidationAddress;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.unit.Translator;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * An AMD-Vi unit: translates for devices, and executes the commands of its buffer in order.
 *
 * <p>An invalidation is its commands, each queued under {@code iommu->lock} (L8), and a
 * COMPLETION_WAIT; the CPU looks every microsecond whether the unit has stored its number ({@code
 * wait_on_sem}, drivers/iommu/amd/iommu.c), so what it waits is whole microseconds.
 */
final class AmdUnit implements Unit, AmdCommands {
  /** {@code udelay(1)}. */
  private static final long POLL_NS = 1_000;

  private final int iommu;
  private final HostContext host;
  private final AmdCosts costs;
  private final Translator translator;
  private final CommandBuffer buffer;
  private final SpinLock bufferLock;
  private final AmdFlush flush;
  private final boolean npCache;
  private final Slots<Invalidation> invalidations = new Slots<>();
  private long lastTicket;
  private Invalidation posting;
  private long at;

  /** An invalidation on its way through the buffer. */
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

  AmdUnit(int iommu, AmdSpec spec, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    costs = spec.costs();
    npCache = spec.npCache() == 1;
    translator = new Translator(new Iotlb(spec.iotlbEntries(), spec.iotlbWays()), domains, host);
    buffer = new CommandBuffer(spec.bufferEntries(), POLL_NS);
    bufferLock =
        new SpinLock(
            LockClass.COMMAND_BUFFER, LockClass.instance(iommu, 0, 0), host.events(), host.locks());
    flush =
        new AmdFlush(false, npCache, 0, new int[] {iommu}, new int[0], new int[0], new boolean[0]);
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
    int number = invalidations.take(Invalidation::new);
    Invalidation invalidation = invalidations.get(number);
    invalidation.ticket = ++lastTicket;
    invalidation.domain = m.domain();
    invalidation.callNumber = m.number();
    invalidation.call = m.call();
    invalidation.cpu = m.cpu();
    invalidation.postedAt = now;
    cover(invalidation, m.pfn(), m.pages());
    int kind = (invalidation.covered == 0 ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(
            now,
            iommu,
            invalidation.ticket,
            m.domain(),
            m.call(),
            kind,
            m.pfn(),
            m.pages(),
            invalidation.covered);
    posting = invalidation;
    at = now;
    if (m.pages() == 0) {
      flush.all(this);
    } else {
      flush.pages(m.pfn() << Granule.SHIFT, m.pages() << Granule.SHIFT, true, this);
    }
    posting = null;
    host.clock()
        .send(at - now, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(number));
  }

  /** In one command a block that is aligned to its size; in aligned pieces just the range. */
  private void cover(Invalidation invalidation, long pfn, long pages) {
    if (pages == 0 || npCache) {
      invalidation.pfn = pfn;
      invalidation.covered = pages;
      return;
    }
    long address = pfn << Granule.SHIFT;
    long bytes = pages << Granule.SHIFT;
    boolean several = InvalidationAddress.several(address, bytes);
    long encoded = InvalidationAddress.encode(address, bytes);
    invalidation.pfn = InvalidationAddress.firstPfn(encoded, several);
    invalidation.covered = InvalidationAddress.pages(encoded, several);
  }

  @Override
  public void invalidatePages(
      int unit, int domainId, long address, boolean several, boolean tables, boolean guest) {
    boolean all = InvalidationAddress.pages(address, several) == 0;
    post(all ? costs.invalidateAll() : costs.invalidatePages());
  }

  @Override
  public void invalidateIotlb(int unit, int device, long address, boolean several, boolean guest) {
    throw new IllegalStateException("no device has ATS");
  }

  @Override
  public void completionWait(int unit) {
    long posted = post(costs.completionWait());
    long left = buffer.lastDoneNs() - posted;
    at = posted + (left + POLL_NS - 1) / POLL_NS * POLL_NS;
  }

  /** Queues a command; whoever comes after a CPU that waits for room waits too. */
  private long post(long serviceNs) {
    long taken = bufferLock.hold(at, posting, costs.queueCommand());
    at = buffer.post(Math.max(taken + costs.queueCommand(), buffer.postedNs()), serviceNs);
    return at;
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
