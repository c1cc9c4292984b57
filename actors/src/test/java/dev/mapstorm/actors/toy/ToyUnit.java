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
  private long lastTicket;

  /** A command in the queue. */
  private static final class Command {
    private long ticket;
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
    int number = commands.take(Command::new);
    Command command = commands.get(number);
    command.ticket = ++lastTicket;
    command.asked = m;
    command.postedAt = now;
    freeAt = Math.max(freeAt, now) + commandNs;
    int kind = (m.pages() == 0 ? InvalidationKind.DSI : InvalidationKind.PSI).ordinal();
    host.events()
        .invalidationPosted(
            now, iommu, command.ticket, m.domain(), m.call(), kind, m.pfn(), m.pages(), m.pages());
    host.clock()
        .send(freeAt - now, host.layout().iommu(iommu), new IommuMessage.InvalidationDone(number));
  }

  @Override
  public void invalidationDone(IommuMessage.InvalidationDone m) {
    long now = host.clock().now();
    Command done = commands.get(m.number());
    int dropped = translator.invalidate(done.asked.domain(), done.asked.pfn(), done.asked.pages());
    host.events().invalidationCompleted(now, iommu, done.ticket, dropped);
    host.clock()
        .tell(
            host.layout().domain(done.asked.domain()),
            new DomainMessage.Invalidated(done.asked.number()));
    commands.give(m.number());
  }

  @Override
  public void show(HostVisitor visitor) {
    commands.forEachTaken(
        number -> {
          Command each = commands.get(number);
          IommuMessage.Invalidate asked = each.asked;
          visitor.invalidation(
              iommu,
              each.ticket,
              asked.domain(),
              asked.call(),
              asked.cpu(),
              asked.pages(),
              each.postedAt);
        });
  }
}
