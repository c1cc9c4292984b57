package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * What all units have in common: an IOTLB through which devices translate, and what CPUs wait for,
 * from its posting until the translations are gone and the domain has heard of it. When that is,
 * and how CPUs meet on the way, is the kind's. Not thread-safe.
 */
public abstract class InvalidatingUnit implements Unit {
  protected final int iommu;
  protected final HostContext host;
  private final Translator translator;
  private long lastTicket;

  /** A unit that has cached nothing. */
  protected InvalidatingUnit(int iommu, Iotlb iotlb, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    translator = new Translator(iotlb, domains, host);
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
    for (int other : done.carried()) {
      forget(inHand().get(other));
      inHand().give(other);
    }
    host.clock()
        .tell(
            host.layout().domain(done.domain()), new DomainMessage.Invalidated(done.callNumber()));
  }

  private void forget(PostedInvalidation done) {
    if (done.isPosted()) {
      int dropped = translator.invalidate(done.domain(), done.pfn(), done.covered());
      host.events().invalidationCompleted(host.clock().now(), iommu, done.ticket(), dropped);
    }
  }
}
