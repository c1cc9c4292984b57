package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.protocol.InvalidationTimeout;
import java.util.List;

/**
 * A kind of IOMMU unit: all that the rest of the program has to know of it. The kinds that there
 * are stand in {@code actors.host.Kinds}.
 *
 * @param <S> what a unit of this kind is made from
 */
public interface UnitKind<S extends IommuSpec> {
  /** What platform profiles call it. */
  String label();

  /** What a unit of this kind is made from: a record with a component for each figure. */
  Class<S> spec();

  /** Whose code writes the page tables of its domains. */
  default DriverRules tableRules() {
    return DriverRules.VTD;
  }

  /** Whether devices with a TLB of their own (ATS) can be behind such units. */
  default boolean ats() {
    return false;
  }

  /** What the kernel calls a unit, in its traces and log. */
  String kernelName(int iommu);

  /**
   * What the kernel logs of an access that a unit refused, line by line; nothing for units whose
   * drivers say nothing.
   */
  default List<String> faultLog(DmaFault fault) {
    return List.of();
  }

  /**
   * What the kernel logs of an invalidation that a device did not answer, line by line. Addresses
   * and positions in queues, which no event has, are 0.
   *
   * @param bdf PCI address of the device
   */
  default List<String> timeoutLog(int iommu, String bdf, InvalidationTimeout timeout) {
    return List.of();
  }

  /**
   * The driver's operations for a domain.
   *
   * @param units that the domain is behind, all of this kind, in ascending order
   * @param specs what each of these units is made from
   * @throws IllegalArgumentException if the driver does not serve a domain behind such units
   */
  DomainOps.Maker ops(int domain, int[] units, List<? extends IommuSpec> specs, HostContext host);

  /**
   * A unit.
   *
   * @param domains what it walks for each domain, by number; null for those that are not translated
   */
  Unit unit(int iommu, S spec, Translation[] domains, HostContext host);

  /** Bytes of the tables that a unit has from its beginning: its IOTLB, its queue. */
  long bytes(S spec);

  /** The classes whose fields are all of its state, so that a checkpoint can hold them. */
  List<Class<?>> state();
}
