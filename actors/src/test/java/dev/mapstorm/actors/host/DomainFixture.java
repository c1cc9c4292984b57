package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.actors.time.MessageHeap;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A domain and its unit without clients: tests make the calls and see the answers with their
 * instants.
 */
final class DomainFixture implements Clock {
  record Answer(long at, int client, DriverMessage message) {}

  final List<Event> events = new ArrayList<>();
  final List<Answer> answers = new ArrayList<>();
  private final MessageHeap heap = new MessageHeap();
  private final HostLayout layout;
  private final Core<DomainMessage> domain;
  private final Core<IommuMessage> iommu;
  private long now;

  DomainFixture(HostSpec spec) {
    HostContext context = HostContext.of(spec, this, new EventRecorder(events::add));
    layout = context.layout();
    Backend backend = Kinds.ALL.backend(0, spec, context);
    domain = backend;
    iommu = Kinds.ALL.unit(0, spec, new Translation[] {backend.translation()}, context);
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public void tell(int actor, Message message) {
    heap.add(now, actor, message);
  }

  @Override
  public void send(long delayNs, int actor, Message message) {
    heap.add(now + delayNs, actor, message);
  }

  /** Makes a call at an instant. */
  DomainFixture call(long at, DomainMessage message) {
    heap.add(at, layout.domain(0), message);
    return this;
  }

  /** Runs until nothing is left to do before {@code until}. */
  DomainFixture run(long until) {
    while (heap.size() > 0 && heap.earliest() <= until) {
      now = heap.earliest();
      int actor = heap.target();
      Message message = heap.remove();
      if (message instanceof DomainMessage m) {
        domain.on(m);
      } else if (message instanceof IommuMessage m) {
        iommu.on(m);
      } else if (message instanceof DriverMessage m) {
        answers.add(new Answer(now, actor, m));
      }
    }
    return this;
  }

  DomainFixture run() {
    return run(Long.MAX_VALUE);
  }

  /** The last answer, as a {@code type}. */
  <T extends DriverMessage> T last(Class<T> type) {
    return type.cast(answers.get(answers.size() - 1).message());
  }

  /** The entry of a call. */
  Event.CallEntered callOf(long call) {
    return events(Event.CallEntered.class).stream()
        .filter(each -> each.call() == call)
        .findFirst()
        .orElseThrow();
  }

  <T extends Event> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
