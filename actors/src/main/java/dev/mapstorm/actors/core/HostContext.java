package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.iova.Pci32Workaround;
import dev.mapstorm.actors.model.lock.LineTransfer;
import dev.mapstorm.actors.model.lock.LockRegister;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.Nodes;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.protocol.event.EventSink;

/**
 * What all cores of a host share.
 *
 * @param clock its virtual time and mail
 * @param events where everything that happens is written
 * @param costs of its platform
 * @param nodes of its CPUs and units
 * @param layout its actors' numbers
 * @param locks its locks
 * @param pci32 which of its devices still try 32-bit space first
 * @param masks what its devices can address
 * @param uplinks that its devices share
 * @param walks that its devices have under way
 * @param ats which of its devices have a TLB of their own
 */
public record HostContext(
    Clock clock,
    EventSink events,
    Costs costs,
    Nodes nodes,
    HostLayout layout,
    LockRegister locks,
    Pci32Workaround pci32,
    DmaMasks masks,
    Uplinks uplinks,
    DeviceWalks walks,
    AtsDevices ats) {

  /** What the cores of a new host share. */
  public static HostContext of(HostSpec spec, Clock clock, EventSink events) {
    Pci32Workaround pci32 = Pci32Workaround.of(spec.devices().size(), false);
    for (int device = 0; device < spec.devices().size(); device++) {
      switch (spec.devices().get(device).sacFirst()) {
        case NEVER -> {}
        case UNTIL_NONE_LEFT -> pci32.set(device, true);
        case ALWAYS -> pci32.keep(device);
      }
    }
    return new HostContext(
        clock,
        events,
        spec.costs(),
        spec.nodes(),
        new HostLayout(spec),
        new LockRegister(clock, transfer(spec)),
        pci32,
        new DmaMasks(spec.devices()),
        new Uplinks(spec.devices()),
        new DeviceWalks(spec.devices()),
        new AtsDevices(spec.devices(), spec.iommus().size(), spec.domains().size()));
  }

  private static LineTransfer transfer(HostSpec spec) {
    Costs costs = spec.costs();
    return new LineTransfer(
        spec.nodes().cpusOfNode(),
        costs.lockHandover(),
        costs.lockHandoverFar(),
        costs.lockContender().ps());
  }

  /** What it takes a CPU longer that works with a unit of another node. */
  public long distanceToUnit(int cpu) {
    return nodes.of(cpu) == nodes.ofUnit() ? 0 : costs.remoteUnit();
  }
}
