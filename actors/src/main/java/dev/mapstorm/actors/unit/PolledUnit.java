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
 * A unit without a queue: each CPU that tells it something waits until that is done, and several
 * CPUs do not wait for each other. Not thread-safe.
 */
public final class PolledUnit implements Unit {
  private final int iommu;
  private final HostContext host;
  private final Translator translator;
  private final boolean forgetsRanges;
  private final long callNs;
  private final long entryNs;
  private final int entriesOfCall;
  private final Slots<Command> commands = new Slots<>();
  private long lastTicket;

  /** What a CPU waits for. */
  private static final class Command {
    private long ticket;
    private int domain;
    private int callNumber;
    private long call;
    private int cpu;
    private long pfn;
    private long covered;
    private long postedAt;
  }

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
    this.iommu = iommu;
    this.host = host;
    this.forgetsRanges = forgetsRanges;
    this.callNs = callNs;
    this.entryNs = entryNs;
    this.entriesOfCall = entriesOfCall;
    translator = new Translator(iotlb, domains, host);
  }

  @Override
  public void show(HostVisitor visitor) {
    commands.forEachTaken(
        number -> {
          Command each = commands.get(number);
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
    boolean whole = m.pages() == 0 || !forgetsRanges;
    int number = commands.take(Command::new);
    Command command = commands.get(number);
    command.ticket = ++lastTicket;
    command.domain = m.domain();
    command.callNumber = m.number();
    command.call = m.call();
    command.cpu = m.cpu();
    command.pfn = whole ? 0 : m.pfn();
    command.covered = whole ? 0 : m.pages();
    command.postedAt = now;
    long calls = whole ? 1 : (m.pages() + entriesOfCall - 1) / entriesOfCall;
    host.events()
        .invalidationPosted(
            now,
            iommu,
            command.ticket,
            m.domain(),
            m.call(),
            (whole ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal(),
            m.pfn(),
            m.pages(),
            command.covered);
    host.clock()
        .send(
            calls * callNs + command.covered * entryNs,
            host.layout().iommu(iommu),
            new IommuMessage.InvalidationDone(number));
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    Command done = commands.get(m.number());
    int dropped = translator.invalidate(done.domain, done.pfn, done.covered);
    host.events().invalidationCompleted(host.clock().now(), iommu, done.ticket, dropped);
    host.clock()
        .tell(host.layout().domain(done.domain), new DomainMessage.Invalidated(done.callNumber));
    commands.give(m.number());
  }
}
