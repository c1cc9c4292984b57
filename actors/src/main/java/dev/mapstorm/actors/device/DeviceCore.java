package dev.mapstorm.actors.device;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.IntQueue;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;

/**
 * A device that fetches requests, has their data ready after a latency, and moves it over its link,
 * one request at a time and in the order in which they became ready. The link is held for the bytes
 * and a fixed time a page. A device that has one request translated at a time also holds it for the
 * stalls of translation: {@code T = p / (l0 + M * lm)} of "Fast and Safe IO Memory Protection"
 * (SOSP 2024), with the walks counted instead of fitted. One that has several translated waits for
 * a walk only if the link is idle before it ends. A device with ATS has a TLB of its own, and asks
 * its unit for what that does not have. Where devices share an uplink, a request is through when
 * both links are.
 */
public final class DeviceCore implements Core<DeviceMessage>, DeviceMessage.Receiver {
  private static final long NANOS = 1_000_000_000L;

  private final int device;
  private final DeviceSpec spec;
  private final boolean translated;
  private final HostContext host;
  private final SplitMix random;
  private final Slots<Request> requests = new Slots<>();
  private final IntQueue waiting = new IntQueue();
  private final IntQueue ready = new IntQueue();
  private int overlapping;
  private int translating;
  private long linkFreeAt;
  private long done;
  private long toRead;

  /** Its own TLB; null if the unit translates everything. */
  private final Iotlb tlb;

  /** Invalidation requests of its unit so far. */
  private long invalidations;

  /** What the TLB did not have of the request in hand: pairs of address and length. */
  private long[] missed = new long[16];

  private int missedWords;

  /** A posted request. */
  private static final class Request {
    private int client;
    private long op;
    private int tag;
    private int direction;
    private long bytes;
    private long[] vectors;
    private boolean faulted;

    /** What is wrong about it; null if nothing is. */
    private StrayCause stray;

    /** Its vectors as the device drives them. */
    private long[] driven;

    private boolean isOver() {
      return stray == StrayCause.AFTER_UNMAP;
    }
  }

  public DeviceCore(int device, HostSpec spec, boolean translated, HostContext host) {
    this.device = device;
    this.spec = spec.devices().get(device);
    this.translated = translated;
    this.host = host;
    tlb =
        translated && this.spec.ats() != null
            ? new Iotlb(this.spec.ats().tlbEntries(), this.spec.ats().tlbWays())
            : null;
    random = new SplitMix(SplitMix.derive(spec.seed(), host.layout().device(device)));
  }

  @Override
  public void on(DeviceMessage message) {
    message.to(this);
  }

  @Override
  public void show(HostVisitor visitor) {
    requests.forEachTaken(
        slot -> {
          Request request = requests.get(slot);
          if (!request.isOver()) {
            visitor.posted(device, slot, request.client, request.op);
          }
        });
  }

  @Override
  public void doorbell(DeviceMessage.Doorbell m) {
    int slot = requests.take(Request::new);
    Request request = requests.get(slot);
    request.client = m.client();
    request.op = m.op();
    request.tag = m.tag();
    request.direction = m.direction();
    request.bytes = m.bytes();
    request.vectors = m.vectors();
    request.faulted = false;
    request.stray = null;
    request.driven = spec.misuse().driven(m.vectors());
    if (request.driven != m.vectors()) {
      request.stray = StrayCause.ADDRESS_BITS;
    } else if (writes(m.direction())) {
      request.stray = StrayCause.WRONG_DIRECTION;
      request.direction = Direction.FROM_DEVICE.ordinal();
    }
    if (overlapping < spec.parallel()) {
      begin(slot);
    } else {
      waiting.add(slot);
    }
  }

  /** Whether the device writes although it is to read. */
  private boolean writes(int direction) {
    int every = spec.misuse().writeEvery();
    return every > 0 && Direction.of(direction) == Direction.TO_DEVICE && ++toRead % every == 0;
  }

  private void begin(int slot) {
    overlapping++;
    long jitter = spec.jitterNs() == 0 ? 0 : random.below(spec.jitterNs());
    host.clock()
        .send(
            spec.latencyNs() + jitter, host.layout().device(device), new DeviceMessage.Ready(slot));
  }

  @Override
  public void ready(DeviceMessage.Ready m) {
    int slot = m.slot();
    if (requests.get(slot).isOver()) {
      useAgain(slot);
      return;
    }
    overlapping--;
    if (!waiting.isEmpty()) {
      begin(waiting.remove());
    }
    if (translating < spec.translations()) {
      translate(slot);
    } else {
      ready.add(slot);
    }
  }

  private void translate(int slot) {
    translating++;
    Request request = requests.get(slot);
    if (tlb != null) {
      lookUp(slot, request);
    } else if (translated) {
      host.clock()
          .tell(
              host.layout().iommu(spec.iommu()),
              new IommuMessage.Translate(
                  device, spec.domain(), slot, request.direction, request.driven));
    } else {
      if (request.stray != null) {
        strayed(request, Granule.pfn(request.driven[firstCut(request)]), AccessOutcome.UNCHECKED);
      }
      move(slot, granules(request.vectors), 0);
    }
  }

  /** Asks the unit only for what its own TLB does not have, or has without the right. */
  private void lookUp(int slot, Request request) {
    missedWords = 0;
    long pages = 0;
    for (int i = 0; i < request.driven.length; i += 2) {
      long first = Granule.pfn(request.driven[i]);
      long count = Granule.spanned(request.driven[i], request.driven[i + 1]);
      pages += count;
      for (long pfn = first; pfn < first + count; pfn++) {
        if (!has(pfn << Granule.SHIFT, request.direction)) {
          miss(pfn << Granule.SHIFT);
        }
      }
    }
    long[] asked = Arrays.copyOf(missed, missedWords);
    long hits = pages - granules(asked);
    host.events()
        .deviceTlbUsed(host.clock().now(), device, request.client, request.op, pages, hits);
    if (missedWords == 0) {
      translated(slot, 0, 0, 0, 0, -1, DmaError.NOT_PRESENT);
    } else {
      host.clock()
          .tell(
              host.layout().iommu(spec.iommu()),
              new IommuMessage.TranslateForTlb(
                  device, spec.domain(), slot, request.direction, asked));
    }
  }

  private boolean has(long address, int direction) {
    int needed = PageTable.rights(Direction.of(direction));
    return tlb.lookup(spec.domain(), address) && (tlb.hitProt() & needed) == needed;
  }

  private void miss(long address) {
    if (missedWords > 0 && missed[missedWords - 2] + missed[missedWords - 1] == address) {
      missed[missedWords - 1] += Granule.BYTES;
      return;
    }
    if (missedWords == missed.length) {
      missed = Arrays.copyOf(missed, missedWords * 2);
    }
    missed[missedWords++] = address;
    missed[missedWords++] = Granule.BYTES;
  }

  @Override
  public void tlbFilled(DeviceMessage.TlbFilled m) {
    long[] entries = m.entries();
    for (int i = 0; i < entries.length; i += 4) {
      tlb.fill(
          spec.domain(), entries[i], (int) entries[i + 1], entries[i + 2], (int) entries[i + 3]);
    }
    long stall = m.stallNs() + spec.ats().requestNs();
    translated(m.slot(), m.pages(), m.hits(), m.reads(), stall, m.faultPfn(), m.fault());
  }

  @Override
  public void invalidateTlb(DeviceMessage.InvalidateTlb m) {
    if (invalidations == spec.misuse().answers()) {
      return;
    }
    invalidations++;
    int dropped =
        m.pages() == 0
            ? tlb.invalidateDomain(spec.domain())
            : tlb.invalidatePages(spec.domain(), m.pfn(), m.pages());
    host.events().deviceInvalidated(host.clock().now(), m.iommu(), m.ticket(), device, dropped);
    host.clock()
        .send(
            spec.ats().invalidateNs(),
            host.layout().iommu(m.iommu()),
            new IommuMessage.TlbInvalidated(m.turn()));
  }

  /** Uses the address of a request that is over. */
  private void useAgain(int slot) {
    Request request = requests.get(slot);
    if (tlb != null && has(request.driven[0], request.direction)) {
      long page = tlb.hitPhys() + (request.driven[0] & (1L << tlb.hitShift()) - 1);
      host.clock()
          .tell(
              host.layout().iommu(spec.iommu()),
              new IommuMessage.AccessTranslated(
                  device, spec.domain(), slot, request.driven[0], page));
    } else if (translated) {
      host.clock()
          .tell(
              host.layout().iommu(spec.iommu()),
              new IommuMessage.Access(
                  device, spec.domain(), slot, request.direction, request.driven[0]));
    } else {
      strayed(request, Granule.pfn(request.driven[0]), AccessOutcome.UNCHECKED);
      forget(slot);
    }
  }

  @Override
  public void accessed(DeviceMessage.Accessed m) {
    Request request = requests.get(m.slot());
    strayed(request, Granule.pfn(request.driven[0]), AccessOutcome.of(m.outcome()));
    forget(m.slot());
  }

  private void strayed(Request request, long pfn, AccessOutcome outcome) {
    host.events()
        .strayed(
            host.clock().now(),
            device,
            request.client,
            request.op,
            pfn,
            request.stray.ordinal(),
            request.direction,
            outcome.ordinal());
  }

  private void forget(int slot) {
    Request request = requests.get(slot);
    request.vectors = null;
    request.driven = null;
    request.stray = null;
    requests.give(slot);
  }

  /** The first vector of which bits are lost; the first of all if none are. */
  private static int firstCut(Request request) {
    for (int i = 0; i < request.vectors.length; i += 2) {
      if (request.vectors[i] != request.driven[i]) {
        return i;
      }
    }
    return 0;
  }

  @Override
  public void translated(DeviceMessage.Translated m) {
    translated(m.slot(), m.pages(), m.hits(), m.reads(), m.stallNs(), m.faultPfn(), m.fault());
  }

  private void translated(
      int slot, long pages, long hits, long reads, long stallNs, long faultPfn, DmaError fault) {
    Request request = requests.get(slot);
    long now = host.clock().now();
    if (pages > 0 || tlb != null) {
      host.events()
          .translated(
              now, device, spec.iommu(), request.client, request.op, pages, hits, reads, stallNs);
    }
    if (request.stray != null) {
      strayed(
          request,
          faultPfn >= 0 ? faultPfn : Granule.pfn(request.driven[firstCut(request)]),
          outcome(request, faultPfn, fault));
    }
    if (faultPfn >= 0) {
      request.faulted = true;
      host.events().faulted(now, device, request.client, request.op, faultPfn, fault.ordinal());
    }
    move(slot, tlb == null ? pages : granules(request.driven), stallNs);
  }

  private static AccessOutcome outcome(Request request, long faultPfn, DmaError fault) {
    if (faultPfn >= 0) {
      return fault == DmaError.NOT_PRESENT ? AccessOutcome.NOT_MAPPED : AccessOutcome.WRONG_RIGHTS;
    }
    return request.stray == StrayCause.ADDRESS_BITS
        ? AccessOutcome.MAPPED
        : AccessOutcome.UNCHECKED;
  }

  private void move(int slot, long pages, long stallNs) {
    Request request = requests.get(slot);
    long moving =
        request.faulted
            ? 0
            : request.bytes * NANOS / spec.bytesPerSecond() + pages * spec.perPageNs();
    long now = host.clock().now();
    linkFreeAt = Math.max(now + stallNs, linkFreeAt) + moving;
    long takes = linkFreeAt - now;
    if (spec.uplink() != null && !request.faulted) {
      takes = Math.max(takes, host.uplinks().move(spec.uplink(), now, request.bytes) - now);
    }
    host.clock().send(takes, host.layout().device(device), new DeviceMessage.Transferred(slot));
  }

  private static long granules(long[] vectors) {
    long sum = 0;
    for (int i = 0; i < vectors.length; i += 2) {
      sum += Granule.spanned(vectors[i], vectors[i + 1]);
    }
    return sum;
  }

  @Override
  public void transferred(DeviceMessage.Transferred m) {
    int slot = m.slot();
    Request request = requests.get(slot);
    host.clock()
        .send(
            spec.completionNs(),
            host.layout().client(request.client),
            new DriverMessage.Completed(request.op, request.tag, request.faulted));
    host.events().completed(host.clock().now(), device, request.client, request.op);
    useAgainLater(request);
    forget(slot);
    translating--;
    if (!ready.isEmpty()) {
      translate(ready.remove());
    }
  }

  /** Has the device use the first address of a completed request again, if it is one of these. */
  private void useAgainLater(Request request) {
    int every = spec.misuse().staleEvery();
    if (every > 0 && ++done % every == 0) {
      int slot = requests.take(Request::new);
      Request again = requests.get(slot);
      again.client = request.client;
      again.op = request.op;
      again.direction = request.direction;
      again.vectors = request.vectors;
      again.driven = request.driven;
      again.stray = StrayCause.AFTER_UNMAP;
      host.clock()
          .send(
              spec.misuse().staleAfterNs(),
              host.layout().device(device),
              new DeviceMessage.Ready(slot));
    }
  }
}
