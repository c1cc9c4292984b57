package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.direct.DmaDirect;
import dev.mapstorm.actors.backend.iommu.DmaIommu;
import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.device.DeviceCore;
import dev.mapstorm.actors.driver.QueueDriver;
import dev.mapstorm.actors.driver.RecordedDriver;
import dev.mapstorm.actors.model.lock.LockRegister;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.actors.unit.vtd.VtdUnit;
import dev.mapstorm.protocol.IommuMode;
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
   * @param clock its virtual time
   * @param events where they write what happens
   */
  public HostModel(HostSpec spec, Clock clock, EventSink events) {
    this.clock = clock;
    layout = new HostLayout(spec);
    locks = new LockRegister(clock);
    HostContext context = new HostContext(clock, events, spec.costs(), layout, locks);
    for (int i = 0; i < spec.clients().size(); i++) {
      boolean recorded = spec.clients().get(i) instanceof ClientSpec.Recorded;
      drivers.add(
          recorded ? new RecordedDriver(i, spec, context) : new QueueDriver(i, spec, context));
    }
    for (int i = 0; i < spec.devices().size(); i++) {
      int domain = spec.devices().get(i).domain();
      devices.add(new DeviceCore(i, spec, isTranslated(spec, domain), context));
    }
    for (int i = 0; i < spec.domains().size(); i++) {
      domains.add(isTranslated(spec, i) ? new DmaIommu(i, spec, context) : new DmaDirect(i, context));
    }
    for (int i = 0; i < spec.iommus().size(); i++) {
      iommus.add(new VtdUnit(i, spec.iommus().get(i), context));
    }
  }

  private static boolean isTranslated(HostSpec spec, int domain) {
    return spec.domains().get(domain).mode() != IommuMode.PASSTHROUGH;
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
