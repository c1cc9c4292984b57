package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * A unit without a queue: each CPU that tells it something waits until that is done, and several
 * CPUs do not wait for each other. Not thread-safe.
 */
public final class PolledUnit extends InvalidatingUnit {
  private final boolean forgetsRanges;
  private final long callNs;
  private final long entryNs;
  private final int entriesOfCall;
  private final Slots<PostedInvalidation> commands = new Slots<>();

  /**
   * A unit that has cached nothing.
   *
   * @param iotlb what it caches translations in
   * @param forgetsRanges whether it can forget some granules of a domain; if not it forgets all
   * @param callNs of a call, apart from the granules
   * @param entryNs of each granule of a call
   * @param entriesOfCall most granules of one call
   */
  public PolledUnit(
      int iommu,
      Iotlb iotlb,
      Translation[] domains,
      HostContext host,
      boolean forgetsRanges,
      long callNs,
      long entryNs,
      int entriesOfCall) {
    super(iommu, iotlb, domains, host);
    this.forgetsRanges = forgetsRanges;
    this.callNs = callNs;
    this.entryNs = entryNs;
    this.entriesOfCall = entriesOfCall;
  }

  @Override
  protected Slots<PostedInvalidation> inHand() {
    return commands;
  }

  @Override
  public void invalidate(IommuMessage.Invalidate m) {
    boolean whole = m.pages() == 0 || !forgetsRanges;
    int number = commands.take(PostedInvalidation::new);
    PostedInvalidation command = commands.get(number);
    begin(command, m.domain(), m.number(), m.call(), m.cpu());
    if (!whole) {
      command.cover(m.pfn(), m.pages());
    }
    post(command, m.pfn(), m.pages());
    long calls = whole ? 1 : (m.pages() + entriesOfCall - 1) / entriesOfCall;
    doneIn(calls * callNs + command.covered() * entryNs, number);
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    complete(commands.get(m.number()));
    commands.give(m.number());
  }
}
