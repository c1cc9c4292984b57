package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DeviceWalks;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.iotlb.LayeredIotlb;
import dev.mapstorm.actors.model.iotlb.WalkCaches;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;

/**
 * The translation path of a unit: an IOTLB, and a walk of the domain's page table where that has
 * nothing. So many walks as the unit has walkers are under way at a time, those of all devices; a
 * further one waits for the first walker that is done, or for one of its device's if that may have
 * no more. The table is in memory and read as the hardware reads it, as it is at the clock's
 * present instant. Not thread-safe.
 */
public final class Translator {
  private final HostContext host;
  private final LayeredIotlb iotlb;
  private final Translation[] domains;
  private final PageWalk walk = new PageWalk();
  private long[] missed = new long[64];
  private int misses;

  /** Hits of the request in hand in the second level. */
  private long secondHits;

  /** What was found for a device's own TLB: four words each, as in its answer. */
  private long[] entries = new long[64];

  private int entryWords;

  /** Whether the request in hand is for a device's own TLB. */
  private boolean collects;

  /** Null for the constant that stands for them. */
  private final WalkCaches walkCaches;

  /** Until when each walker is busy. */
  private final long[] walkers;

  /**
   * A path with an empty IOTLB.
   *
   * @param domains what is walked for each domain, by its number
   */
  public Translator(Iotlb iotlb, Translation[] domains, HostContext host) {
    this.iotlb = new LayeredIotlb(iotlb, (int) host.costs().secondIotlb());
    this.domains = domains;
    this.host = host;
    walkers = new long[(int) host.costs().walkers()];
    int entries = (int) host.costs().walkCache();
    walkCaches = entries == 0 ? null : new WalkCaches(entries, host.costs().walkCacheKept() == 1);
  }

  /**
   * Translates what a device asks for, and answers it: every granule is looked up, then those that
   * missed are walked, at once as far as there are walkers. Granules that follow in the same large
   * page come with the first of it.
   */
  public void translate(IommuMessage.Translate m) {
    int needed = PageTable.rights(Direction.of(m.direction()));
    long denied = lookUp(m, needed);
    long pages = granules(m.vectors());
    long hits = pages - misses;
    long reads = 0;
    long now = host.clock().now();
    long walked = now;
    long missing = -1;
    long walkedTo = 0;
    Translation table = domains[m.domain()];
    for (int i = 0; i < misses; i++) {
      long pfn = missed[i];
      if (i > 0 && pfn == missed[i - 1] + 1 && pfn < walkedTo) {
        hits++;
        continue;
      }
      long iova = pfn << Granule.SHIFT;
      boolean present = table.walk(iova, walk);
      long ofWalk = reads(m.domain(), iova, table);
      reads += ofWalk;
      walked = Math.max(walked, walkFrom(m.device(), now, ofWalk * host.costs().walkRead()));
      if (!present) {
        missing = missing < 0 ? pfn : missing;
        continue;
      }
      int toPage = walk.pageShift() - Granule.SHIFT;
      walkedTo = ((pfn >>> toPage) + 1) << toPage;
      long page = walk.phys() >>> walk.pageShift() << walk.pageShift();
      iotlb.fill(m.domain(), iova, walk.pageShift(), page, walk.prot());
      collect(iova, walk.pageShift(), page, walk.prot());
      if ((walk.prot() & needed) != needed && denied < 0) {
        denied = pfn;
      }
    }
    answer(m, pages, hits, reads, walked - now, missing, denied);
  }

  /** As {@link #translate}, and hands the device what it was translated to. */
  public void translateForTlb(IommuMessage.TranslateForTlb m) {
    collects = true;
    entryWords = 0;
    translate(
        new IommuMessage.Translate(m.device(), m.domain(), m.slot(), m.direction(), m.vectors()));
    collects = false;
  }

  /** Answers a device that uses, for no request in flight, a translation of its own. */
  public void accessTranslated(IommuMessage.AccessTranslated m) {
    boolean mapped =
        domains[m.domain()].walk(m.address(), walk)
            && Granule.pfn(walk.phys()) == Granule.pfn(m.page());
    AccessOutcome outcome = mapped ? AccessOutcome.MAPPED : AccessOutcome.STALE;
    host.clock()
        .tell(
            host.layout().device(m.device()),
            new DeviceMessage.Accessed(m.slot(), outcome.ordinal()));
  }

  /** Reads of the last walk, which was of this address. */
  private long reads(int domain, long iova, Translation table) {
    return walkCaches == null || walk.levelsRead() == 0
        ? Math.min(walk.levelsRead(), host.costs().walkReads())
        : walkCaches.reads(domain, iova, table, walk.levelsRead());
  }

  /**
   * Gives a walk of a device to the walker that is free first, when the device may have one more;
   * returns when it is done.
   */
  private long walkFrom(int device, long now, long ns) {
    int first = DeviceWalks.earliest(walkers);
    long start = Math.max(host.walks().mayStart(device, now), walkers[first]);
    walkers[first] = start + ns;
    host.walks().started(device, walkers[first]);
    return walkers[first];
  }

  /** Answers a device that uses an address for no request in flight. */
  public void access(IommuMessage.Access m) {
    host.clock()
        .tell(
            host.layout().device(m.device()),
            new DeviceMessage.Accessed(m.slot(), outcome(m).ordinal()));
  }

  private AccessOutcome outcome(IommuMessage.Access m) {
    int needed = PageTable.rights(Direction.of(m.direction()));
    boolean hit = iotlb.lookup(m.domain(), m.address());
    int rights = hit ? iotlb.hitProt() : 0;
    long cached = hit ? iotlb.hitPhys() : 0;
    boolean present = domains[m.domain()].walk(m.address(), walk);
    long page = present ? walk.phys() >>> walk.pageShift() << walk.pageShift() : 0;
    if (!hit) {
      if (!present) {
        return AccessOutcome.NOT_MAPPED;
      }
      iotlb.fill(m.domain(), m.address(), walk.pageShift(), page, walk.prot());
      rights = walk.prot();
    }
    if ((rights & needed) != needed) {
      return AccessOutcome.WRONG_RIGHTS;
    }
    return hit && !(present && page == cached) ? AccessOutcome.STALE : AccessOutcome.MAPPED;
  }

  /** Looks every granule up; returns the first that was found without the rights needed, or -1. */
  private long lookUp(IommuMessage.Translate m, int needed) {
    misses = 0;
    secondHits = 0;
    long denied = -1;
    long[] vectors = m.vectors();
    for (int i = 0; i < vectors.length; i += 2) {
      long first = Granule.pfn(vectors[i]);
      long end = first + Granule.spanned(vectors[i], vectors[i + 1]);
      for (long pfn = first; pfn < end; pfn++) {
        if (!iotlb.lookup(m.domain(), pfn << Granule.SHIFT)) {
          miss(pfn);
          continue;
        }
        secondHits += iotlb.hitSecond() ? 1 : 0;
        collect(pfn << Granule.SHIFT, iotlb.hitShift(), iotlb.hitPhys(), iotlb.hitProt());
        if ((iotlb.hitProt() & needed) != needed && denied < 0) {
          denied = pfn;
        }
      }
    }
    return denied;
  }

  /** Notes a translation for the device's own TLB, unless it is that of the page before. */
  private void collect(long iova, int shift, long page, int rights) {
    if (!collects) {
      return;
    }
    int last = entryWords - 4;
    if (last >= 0 && entries[last + 1] == shift && entries[last] >>> shift == iova >>> shift) {
      return;
    }
    if (entryWords == entries.length) {
      entries = Arrays.copyOf(entries, entryWords * 2);
    }
    entries[entryWords++] = iova;
    entries[entryWords++] = shift;
    entries[entryWords++] = page;
    entries[entryWords++] = rights;
  }

  private void miss(long pfn) {
    if (misses == missed.length) {
      missed = Arrays.copyOf(missed, misses * 2);
    }
    missed[misses++] = pfn;
  }

  private static long granules(long[] vectors) {
    long sum = 0;
    for (int i = 0; i < vectors.length; i += 2) {
      sum += Granule.spanned(vectors[i], vectors[i + 1]);
    }
    return sum;
  }

  private void answer(
      IommuMessage.Translate m,
      long pages,
      long hits,
      long reads,
      long walksNs,
      long missing,
      long denied) {
    long stall =
        hits * host.costs().iotlbHit() + secondHits * host.costs().secondIotlbHit() + walksNs;
    DmaError fault = missing >= 0 ? DmaError.NOT_PRESENT : DmaError.ACCESS_DENIED;
    long faultPfn = missing >= 0 ? missing : denied;
    host.clock()
        .tell(
            host.layout().device(m.device()),
            collects
                ? new DeviceMessage.TlbFilled(
                    m.slot(),
                    pages,
                    hits,
                    reads,
                    stall,
                    faultPfn,
                    fault,
                    Arrays.copyOf(entries, entryWords))
                : new DeviceMessage.Translated(
                    m.slot(), pages, hits, reads, stall, faultPfn, fault));
  }

  /**
   * Drops what is cached of a range of a domain.
   *
   * @param pages granules from {@code pfn}; 0 for the whole domain
   * @return entries dropped
   */
  public int invalidate(int domain, long pfn, long pages) {
    if (walkCaches != null && pages == 0) {
      walkCaches.invalidateDomain(domain);
    } else if (walkCaches != null) {
      walkCaches.invalidatePages(domain, pfn, pages, domains[domain]);
    }
    return pages == 0 ? iotlb.invalidateDomain(domain) : iotlb.invalidatePages(domain, pfn, pages);
  }
}
