package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.backend.arm32.ArmDmaKind;
import dev.mapstorm.actors.backend.direct.DirectKind;
import dev.mapstorm.actors.backend.iommu.DmaIommuKind;
import dev.mapstorm.actors.backend.powerpc.TceDmaKind;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbKind;
import dev.mapstorm.actors.backend.unmanaged.UnmanagedKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.actors.unit.amd.AmdKind;
import dev.mapstorm.actors.unit.ipmmu.IpmmuKind;
import dev.mapstorm.actors.unit.pseries.PseriesKind;
import dev.mapstorm.actors.unit.smmu.SmmuKind;
import dev.mapstorm.actors.unit.virtio.VirtioKind;
import dev.mapstorm.actors.unit.vtd.VtdKind;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The kinds of IOMMU units and of backends that there are: the only place that lists them.
 * Immutable.
 *
 * @param units kinds of units
 * @param backends kinds of backends
 */
public record Kinds(List<UnitKind<?>> units, List<BackendKind<?>> backends) {
  /** All that mapstorm has. */
  public static final Kinds ALL =
      new Kinds(
          List.of(
              new VtdKind(),
              new AmdKind(),
              new SmmuKind(),
              new VirtioKind(),
              new PseriesKind(),
              new IpmmuKind()),
          List.of(
              new DirectKind(),
              new DmaIommuKind(),
              new UnmanagedKind(),
              new SwiotlbKind(),
              new ArmDmaKind(),
              new TceDmaKind()));

  /** Keeps unmodifiable copies. */
  public Kinds {
    units = List.copyOf(units);
    backends = List.copyOf(backends);
  }

  /** The kind of a unit. */
  @SuppressWarnings("unchecked")
  public <S extends IommuSpec> UnitKind<S> of(S unit) {
    for (UnitKind<?> kind : units) {
      if (kind.spec() == unit.getClass()) {
        return (UnitKind<S>) kind;
      }
    }
    throw new IllegalArgumentException("no kind of unit is made from " + unit);
  }

  /** The kind of a domain's backend. */
  @SuppressWarnings("unchecked")
  public <S extends DomainSpec> BackendKind<S> of(S domain) {
    for (BackendKind<?> kind : backends) {
      if (kind.spec() == domain.getClass()) {
        return (BackendKind<S>) kind;
      }
    }
    throw new IllegalArgumentException("no kind of backend is made from " + domain);
  }

  /** Makes the backend of a domain. */
  Backend backend(int domain, HostSpec spec, HostContext context) {
    return backend(domain, spec.domains().get(domain), spec, context);
  }

  private <S extends DomainSpec> Backend backend(
      int domain, S own, HostSpec spec, HostContext context) {
    return of(own).backend(domain, own, spec, ops(domain, spec, context), context);
  }

  /** What the driver of a domain's units does for it; null without units. */
  private DomainOps.Maker ops(int domain, HostSpec spec, HostContext context) {
    int[] units =
        spec.devices().stream()
            .filter(device -> device.domain() == domain && device.iommu() < spec.iommus().size())
            .mapToInt(DeviceSpec::iommu)
            .distinct()
            .sorted()
            .toArray();
    if (units.length == 0) {
      return null;
    }
    UnitKind<?> kind = of(spec.iommus().get(units[0]));
    for (int unit : units) {
      if (of(spec.iommus().get(unit)) != kind) {
        throw new IllegalArgumentException(
            "domain %d is behind units of different kinds, which no driver serves"
                .formatted(domain));
      }
    }
    List<IommuSpec> specs = IntStream.of(units).mapToObj(spec.iommus()::get).toList();
    return kind.ops(domain, units, specs, context);
  }

  /** Makes a unit. */
  Unit unit(int iommu, HostSpec spec, Translation[] domains, HostContext context) {
    return unit(iommu, spec.iommus().get(iommu), domains, context);
  }

  private <S extends IommuSpec> Unit unit(
      int iommu, S own, Translation[] domains, HostContext context) {
    return of(own).unit(iommu, own, domains, context);
  }
}
