package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.device.DeviceCore;
import dev.mapstorm.actors.driver.QueueDriver;
import dev.mapstorm.actors.driver.RecordedDriver;
import dev.mapstorm.actors.model.lock.LockRegister;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * All cores of one host, made from its specification and joined by a clock. Whoever runs it spawns
 * an actor for each, or loops over them; nothing in here knows which. Not thread-safe: one lane.
 */
public final class HostModel {
  private final HostLayout layout;
  private final Clock clock;
  private final LockRegister locks;
  private final List<Core<DriverMessage>> drivers = new ArrayList<>();
  private final List<Core<DeviceMessage>> devices = new ArrayList<>();
  private final List<Core<DomainMessage>> domains = new ArrayList<>();
  private final List<Core<IommuMessage>> iommus = new ArrayList<>();

  /**
   * The cores of a host.
   *
   * @param kinds of units and backends
   * @param clock its virtual time
   * @param events where they write what happens
   */
  public HostModel(HostSpec spec, Kinds kinds, Clock clock, EventSink events) {
    this.clock = clock;
    HostContext context = HostContext.of(spec, clock, events);
    layout = context.layout();
    locks = context.locks();
    for (int i = 0; i < spec.clients().size(); i++) {
      boolean recorded = spec.clients().get(i) instanceof ClientSpec.Recorded;
      drivers.add(
          recorded ? new RecordedDriver(i, spec, context) : new QueueDriver(i, spec, context));
    }
    Translation[] translations = new Translation[spec.domains().size()];
    for (int i = 0; i < spec.domains().size(); i++) {
      Backend backend = kinds.backend(i, spec, context);
      translations[i] = backend.translation();
      domains.add(backend);
    }
    for (int i = 0; i < spec.devices().size(); i++) {
      boolean translated = translations[spec.devices().get(i).domain()] != null;
      devices.add(new DeviceCore(i, spec, translated, context));
    }
    for (int i = 0; i < spec.iommus().size(); i++) {
      iommus.add(kinds.unit(i, spec, translations, context));
    }
  }

  /** The numbers of its actors. */
  public HostLayout layout() {
    return layout;
  }

  /** The drivers, by client. */
  public List<Core<DriverMessage>> drivers() {
    return drivers;
  }

  /** The devices. */
  public List<Core<DeviceMessage>> devices() {
    return devices;
  }

  /** The domains. */
  public List<Core<DomainMessage>> domains() {
    return domains;
  }

  /** The IOMMU units. */
  public List<Core<IommuMessage>> iommus() {
    return iommus;
  }

  /** Puts the first message of every driver on the clock, in the order of clients. */
  public void start() {
    Message start = new DriverMessage.Start();
    for (int i = 0; i < drivers.size(); i++) {
      clock.send(0, layout.client(i), start);
    }
  }

  /** Shows what drivers, devices, domains and units hold, in this order. Between two messages. */
  public void show(HostVisitor visitor) {
    drivers.forEach(each -> each.show(visitor));
    devices.forEach(each -> each.show(visitor));
    domains.forEach(each -> each.show(visitor));
    iommus.forEach(each -> each.show(visitor));
  }

  /** Writes what the locks were used since the last time into the events. */
  public void reportLocks() {
    locks.report();
  }
}
