package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * What all units have in common: an IOTLB through which devices translate, and what CPUs wait for,
 * from its posting until the translations are gone and the domain has heard of it. When that is,
 * and how CPUs meet on the way, is the kind's. Devices with a TLB of their own (ATS) are told to
 * forget too, and their answers waited for. Not thread-safe.
 */
public abstract class InvalidatingUnit implements Unit {
  /** A CPU that waits for ever. */
  protected static final long NEVER = Long.MAX_VALUE;

  protected final int iommu;
  protected final HostContext host;
  private final Translator translator;
  private final DeviceTlbs tlbs;
  private final boolean hasTlbs;
  private long lastTicket;

  /** Numbers of what is over but for answers of devices, in the order of posting. */
  private int[] heldUp = new int[4];

  private int held;

  /** A unit that has cached nothing. */
  protected InvalidatingUnit(int iommu, Iotlb iotlb, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    translator = new Translator(iotlb, domains, host);
    tlbs = new DeviceTlbs(iommu, host);
    hasTlbs = host.ats().behind(iommu);
  }

  /** What it has in hand, by number. */
  protected abstract Slots<? extends PostedInvalidation> inHand();

  @Override
  public final void show(HostVisitor visitor) {
    inHand()
        .forEachTaken(
            number -> {
              PostedInvalidation each = inHand().get(number);
              if (each.isPosted()) {
                visitor.invalidation(
                    iommu,
                    each.ticket(),
                    each.domain(),
                    each.call(),
                    each.cpu(),
                    each.covered(),
                    each.postedAt());
              }
            });
  }

  @Override
  public final void translate(IommuMessage.Translate m) {
    translator.translate(m);
  }

  @Override
  public final void access(IommuMessage.Access m) {
    translator.access(m);
  }

  @Override
  public final void translateForTlb(IommuMessage.TranslateForTlb m) {
    translator.translateForTlb(m);
  }

  @Override
  public final void accessTranslated(IommuMessage.AccessTranslated m) {
    translator.accessTranslated(m);
  }

  @Override
  public final void tlbInvalidated(IommuMessage.TlbInvalidated m) {
    TlbRequest answered = tlbs.answered(m.turn());
    if (answered != null) {
      if (answered.isAwaited()) {
        answered.of.notBefore(seenAt(answered.of, host.clock().now()));
      }
      answered();
    }
  }

  @Override
  public final void tlbTimeout(IommuMessage.TlbTimeout m) {
    TlbRequest late = tlbs.timedOut(m.turn());
    if (late != null) {
      timedOut(late.of, late.ticket, late.device);
    }
  }

  /**
   * A device has not answered in time. The unit executes what comes after; what VT-d does is its
   * own.
   *
   * @param of what it was told with, which may be another one by now
   * @param ticket of that
   */
  protected void timedOut(PostedInvalidation of, long ticket, int device) {
    timedOut(ticket, device, InvalidationTimeout.SKIPPED);
    if (of.isPosted() && of.ticket() == ticket) {
      of.notBefore(seenAt(of, host.clock().now()));
    }
    answered();
  }

  /** Numbers of what is posted, those apart that go with others, in the order of posting. */
  protected final List<Integer> inHandByTicket() {
    List<Integer> numbers = new ArrayList<>();
    BitSet carried = new BitSet();
    inHand()
        .forEachTaken(
            number -> {
              if (inHand().get(number).isPosted()) {
                numbers.add(number);
              }
              PostedInvalidation each = inHand().get(number);
              for (int i = 0; i < each.carriedCount(); i++) {
                carried.set(each.carried(i));
              }
            });
    numbers.removeIf(carried::get);
    numbers.sort(Comparator.comparingLong(number -> inHand().get(number).ticket()));
    return numbers;
  }

  /** Writes that a wait was too long. */
  protected final void timedOut(long ticket, int device, InvalidationTimeout what) {
    host.events().invalidationTimedOut(host.clock().now(), iommu, ticket, device, what.ordinal());
  }

  /** A device has answered, or is not waited for any more: what was held up is over. */
  protected void answered() {
    int kept = 0;
    for (int i = 0; i < held; i++) {
      PostedInvalidation each = inHand().get(heldUp[i]);
      if (tlbs.holdsUp(each)) {
        heldUp[kept++] = heldUp[i];
      } else {
        completeAt(seenAt(each, host.clock().now()), heldUp[i]);
      }
    }
    held = kept;
  }

  /** Nobody is held up any more: what was is submitted again. */
  protected final void letGo() {
    tlbs.abort();
    held = 0;
  }

  /**
   * When the CPU sees that its invalidation is over if the last device answers at an instant.
   *
   * @param answeredAt the clock's present instant
   */
  protected long seenAt(PostedInvalidation each, long answeredAt) {
    return answeredAt;
  }

  /** Whether there are devices with a TLB of their own behind the unit. */
  protected final boolean hasTlbs() {
    return hasTlbs;
  }

  /** Those of a domain; not to be changed. */
  protected final int[] tlbsOf(int domain) {
    return host.ats().of(iommu, domain);
  }

  /** Whether devices have not answered yet. */
  protected final boolean waitsForDevices() {
    return tlbs.isWaiting();
  }

  /** The device that it waits for longest; there is one. */
  protected final int slowestDevice() {
    return tlbs.oldestDevice();
  }

  /**
   * Tells the devices of the domain, after a delay, to forget what an invalidation that is posted
   * names.
   */
  protected final void tellDevices(PostedInvalidation each, long pfn, long pages, long delay) {
    if (hasTlbs) {
      tlbs.tell(each, pfn, pages, delay);
    }
  }

  /** Tells one device after a delay. */
  protected final void tellDevice(
      PostedInvalidation each, int device, long pfn, long pages, long delay) {
    tlbs.tell(each, device, pfn, pages, delay);
  }

  /**
   * What is in hand is over at an instant, or when the devices have answered that were told with it
   * or before it.
   */
  protected final void completeAt(long at, int number) {
    inHand().get(number).dueAt(at);
    doneIn(at - host.clock().now(), number);
  }

  /** Whether what is in hand is over at the clock's present instant. */
  protected final boolean isOver(int number) {
    if (!hasTlbs) {
      return true;
    }
    PostedInvalidation each = inHand().get(number);
    long now = host.clock().now();
    if (each.dueAt() != now) {
      return false;
    }
    if (tlbs.holdsUp(each)) {
      return !holdUp(number);
    }
    if (now < each.notBefore()) {
      completeAt(each.notBefore(), number);
      return false;
    }
    return true;
  }

  /** Has it wait for devices; false if its CPU does not wait longer. */
  private boolean holdUp(int number) {
    PostedInvalidation each = inHand().get(number);
    long now = host.clock().now();
    long patience = givesUpAt(each);
    if (now >= patience) {
      timedOut(each.ticket(), tlbs.oldestDevice(), InvalidationTimeout.CPU);
      int at = 0;
      while (at < held && heldUp[at] != number) {
        at++;
      }
      if (at < held) {
        held--;
        System.arraycopy(heldUp, at + 1, heldUp, at, held - at);
      }
      return false;
    }
    if (held == heldUp.length) {
      heldUp = Arrays.copyOf(heldUp, held * 2);
    }
    heldUp[held++] = number;
    if (patience != NEVER) {
      completeAt(patience, number);
    }
    return true;
  }

  /** When the CPU waits no longer for what is in hand. */
  protected long givesUpAt(PostedInvalidation each) {
    return NEVER;
  }

  /**
   * Takes what a call wants into hand.
   *
   * @param number of the call in messages
   */
  protected final void begin(PostedInvalidation each, int domain, int number, long call, int cpu) {
    each.begin(domain, number, call, cpu);
  }

  /**
   * It is in the unit's hands at the clock's present instant.
   *
   * @param pfn first granule that was asked for
   * @param pages granules that were asked for; 0 for the whole domain
   */
  protected final void post(PostedInvalidation each, long pfn, long pages) {
    each.post(++lastTicket, host.clock().now());
    host.events()
        .invalidationPosted(
            each.postedAt(),
            iommu,
            each.ticket(),
            each.domain(),
            each.call(),
            (each.covered() == 0 ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal(),
            pfn,
            pages,
            each.covered());
  }

  /** Has {@link #invalidationDone} called for what is in hand with this number. */
  protected final void doneIn(long delay, int number) {
    host.clock().send(delay, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(number));
  }

  /** Has what is in hand with the number {@code other} forgotten together with {@code each}. */
  protected final void postWith(PostedInvalidation each, int other, long pfn, long pages) {
    post(inHand().get(other), pfn, pages);
    each.carry(other);
  }

  /**
   * What it covers is forgotten, if it was posted, with all that goes with it, and the domain hears
   * that it is over.
   */
  protected final void complete(PostedInvalidation done) {
    forget(done);
    for (int i = 0; i < done.carriedCount(); i++) {
      int other = done.carried(i);
      forget(inHand().get(other));
      inHand().get(other).end();
      inHand().give(other);
    }
    host.clock()
        .tell(
            host.layout().domain(done.domain()), new DomainMessage.Invalidated(done.callNumber()));
    done.end();
  }

  private void forget(PostedInvalidation done) {
    if (done.isPosted()) {
      int dropped = translator.invalidate(done.domain(), done.pfn(), done.covered());
      host.events().invalidationCompleted(host.clock().now(), iommu, done.ticket(), dropped);
    }
  }
}
