package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.iotlb.Iotlb;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.unit.Translator;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;

/** Executes one command after the other, each in the same time. */
final class ToyUnit implements Unit {
  private final int iommu;
  private final long commandNs;
  private final HostContext host;
  private final Translator translator;
  private final Slots<Command> commands = new Slots<>();
  private long freeAt;

  /** A command in the queue. */
  private static final class Command {
    private IommuMessage.Invalidate asked;
    private long postedAt;
  }

  ToyUnit(int iommu, ToyUnitSpec spec, Translation[] domains, HostContext host) {
    this.iommu = iommu;
    this.host = host;
    commandNs = spec.commandNs();
    translator = new Translator(new Iotlb(16, 16), domains, host);
  }

  @Override
  public void translate(IommuMessage.Translate m) {
    translator.translate(m);
  }

  @Override
  public void invalidate(IommuMessage.Invalidate m) {
    long now = host.clock().now();
    int ticket = commands.take(Command::new);
    commands.get(ticket).asked = m;
    commands.get(ticket).postedAt = now;
    freeAt = Math.max(freeAt, now) + commandNs;
    int kind = (m.pages() == 0 ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(now, iommu, m.domain(), m.cpu(), kind, m.pfn(), m.pages(), m.pages());
    host.clock()
        .send(freeAt - now, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(ticket));
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    long now = host.clock().now();
    Command done = commands.get(m.ticket());
    int dropped = translator.invalidate(done.asked.domain(), done.asked.pfn(), done.asked.pages());
    host.events()
        .invalidationCompleted(
            now, iommu, done.asked.domain(), done.asked.cpu(), now - done.postedAt, dropped);
    host.clock()
        .tell(
            host.layout().domain(done.asked.domain()),
            new DomainMessage.Invalidated(done.asked.call()));
    commands.give(m.ticket());
  }

  @Override
  public void show(HostVisitor visitor) {
    commands.forEachTaken(
        ticket -> {
          IommuMessage.Invalidate asked = commands.get(ticket).asked;
          visitor.invalidation(
              iommu,
              ticket,
              asked.domain(),
              asked.call(),
              asked.cpu(),
              asked.pages(),
              commands.get(ticket).postedAt);
        });
  }
}
