package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.vtd.DescriptorKind;
import dev.mapstorm.actors.model.vtd.InvalidationQueue;
import dev.mapstorm.actors.model.vtd.PsiRange;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;
import java.util.Map;

/**
 * A VT-d unit: translates for devices through its IOTLB, asks the domain when it misses, and
 * executes invalidations in the order of its queue.
 *
 * <p>An invalidation is {@code qi_submit_sync} (drivers/iommu/intel/dmar.c): under {@code q_lock}
 * the CPU writes the descriptor and a wait descriptor; the unit executes them in order; entries
 * leave the IOTLB when the unit gets there, not when the CPU asks. The lock is modelled for the
 * posting; the short retakes while the CPU polls are not.
 */
public final class VtdUnit implements Core<IommuMessage> {
  private static final int PRIVILEGES = 0;

  private final int iommu;
  private final HostContext host;
  private final Iotlb iotlb;
  private final InvalidationQueue queue;
  private final SpinLock<Invalidation> queueLock;
  private final PsiRange range;
  private long postedUpTo;
  private long lastTicket;
  private final Slots<Translation> translations = new Slots<>();
  private final Slots<Invalidation> invalidations = new Slots<>();

  /** A translation that waits for a walk. */
  private static final class Translation {
    private int device;
    private int domain;
    private int slot;
    private long pages;
    private long[] missed = new long[8];
    private int misses;
    private int shared;

    void miss(long pfn) {
      if (misses == missed.length) {
        missed = Arrays.copyOf(missed, misses * 2);
      }
      missed[misses++] = pfn;
    }
  }

  /** An invalidation on its way through the queue. */
  private static final class Invalidation implements LockUser {
    private int domain;
    private int slot;
    private long call;
    private int cpu;

    /** Its number in events. */
    private long ticket;

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

  public VtdUnit(int iommu, IommuSpec spec, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    iotlb = new Iotlb(spec.iotlbEntries(), spec.iotlbWays());
    queue =
        new InvalidationQueue(
            spec.queueEntries(),
            Map.of(
                DescriptorKind.IOTLB_PAGES, host.costs().invalidatePages(),
                DescriptorKind.IOTLB_DOMAIN, host.costs().invalidateDomain(),
                DescriptorKind.WAIT, host.costs().invalidateWait()));
    queueLock =
        new SpinLock<>(
            LockClass.INVALIDATION_QUEUE,
            LockClass.instance(iommu, 0, 0),
            host.events(),
            host.locks());
    range = new PsiRange(spec.maxAddressMask(), true);
  }

  @Override
  public void on(IommuMessage message) {
    if (message instanceof IommuMessage.Translate m) {
      translate(m);
    } else if (message instanceof IommuMessage.Walked m) {
      walked(m);
    } else if (message instanceof IommuMessage.Invalidate m) {
      post(m);
    } else if (message instanceof IommuMessage.InvalidationDone m) {
      complete(m.ticket());
    }
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

  private void translate(IommuMessage.Translate m) {
    int ticket = translations.take(Translation::new);
    Translation translation = translations.get(ticket);
    translation.device = m.device();
    translation.domain = m.domain();
    translation.slot = m.slot();
    translation.pages = 0;
    translation.misses = 0;
    translation.shared = 0;
    long[] vectors = m.vectors();
    for (int i = 0; i < vectors.length; i += 2) {
      lookUp(translation, vectors[i], vectors[i + 1]);
    }
    if (translation.misses == 0) {
      answer(ticket, 0, -1);
    } else {
      int domain = host.layout().domain(m.domain());
      host.clock()
          .tell(
              domain,
              new DomainMessage.Walk(iommu, ticket, translation.missed, translation.misses));
    }
  }

  private void lookUp(Translation translation, long address, long length) {
    long first = Granule.pfn(address);
    long end = first + Granule.spanned(address, length);
    for (long pfn = first; pfn < end; pfn++) {
      translation.pages++;
      if (!iotlb.lookup(translation.domain, pfn << Granule.SHIFT)) {
        translation.miss(pfn);
      }
    }
  }

  private void walked(IommuMessage.Walked m) {
    Translation translation = translations.get(m.ticket());
    byte[] shifts = m.pageShift();
    for (int i = 0; i < shifts.length; i++) {
      long pfn = translation.missed[i];
      if (shifts[i] == PageMapper.WITH_THE_ONE_BEFORE) {
        translation.shared++;
      } else if (shifts[i] != 0) {
        iotlb.fill(translation.domain, pfn << Granule.SHIFT, shifts[i], 0, PRIVILEGES);
      }
    }
    answer(m.ticket(), m.reads(), m.missingPfn());
  }

  private void answer(int ticket, long reads, long missingPfn) {
    Translation translation = translations.get(ticket);
    long hits = translation.pages - translation.misses + translation.shared;
    long stall = hits * host.costs().iotlbHit() + reads * host.costs().walkRead();
    host.clock()
        .tell(
            host.layout().device(translation.device),
            new DeviceMessage.Translated(
                translation.slot, translation.pages, hits, reads, stall, missingPfn));
    translations.give(ticket);
  }

  private void post(IommuMessage.Invalidate m) {
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
    invalidation.domain = m.domain();
    invalidation.slot = m.slot();
    invalidation.call = m.call();
    invalidation.cpu = m.cpu();
    invalidation.ticket = ++lastTicket;
    invalidation.pfn = range.domainSelective() ? 0 : range.pfn();
    invalidation.covered = range.domainSelective() ? 0 : range.pages();
    invalidation.postedAt = now;

    long section = host.costs().queuePost();
    long posted = queueLock.hold(now, invalidation, section) + section;
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

  private void complete(int number) {
    long now = host.clock().now();
    Invalidation done = invalidations.get(number);
    int dropped =
        done.covered == 0
            ? iotlb.invalidateDomain(done.domain)
            : iotlb.invalidatePages(done.domain, done.pfn, done.covered);
    host.events()
        .invalidationCompleted(now, iommu, done.ticket, dropped);
    host.clock().tell(host.layout().domain(done.domain), new DomainMessage.Invalidated(done.slot));
    invalidations.give(number);
  }
}
