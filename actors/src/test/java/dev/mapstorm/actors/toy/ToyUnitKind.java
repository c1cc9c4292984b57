package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.actors.unit.UnitKind;
import java.util.List;

/** Units that have to be told of mappings too, and a driver without a lock. */
final class ToyUnitKind implements UnitKind<ToyUnitSpec> {
  @Override
  public String label() {
    return "toy";
  }

  @Override
  public Class<ToyUnitSpec> spec() {
    return ToyUnitSpec.class;
  }

  @Override
  public String kernelName(int iommu) {
    return "toy." + iommu;
  }

  @Override
  public DomainOps.Maker ops(
      int domain, int[] units, List<? extends IommuSpec> specs, HostContext host) {
    return (waiter, format) -> new ToyOps(domain, units, waiter, format, host);
  }

  @Override
  public Unit unit(int iommu, ToyUnitSpec spec, Translation[] domains, HostContext host) {
    return new ToyUnit(iommu, spec, domains, host);
  }

  @Override
  public long bytes(ToyUnitSpec spec) {
    return 0;
  }

  @Override
  public List<Class<?>> state() {
    return List.of(ToyOps.class, ToyUnit.class);
  }
}
