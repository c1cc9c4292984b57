package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** dma-iommu. */
public final class DmaIommuKind implements BackendKind<DmaIommuSpec> {
  @Override
  public String label() {
    return "dma-iommu";
  }

  @Override
  public Class<DmaIommuSpec> spec() {
    return DmaIommuSpec.class;
  }

  @Override
  public Class<DmaIommuCosts> costs() {
    return DmaIommuCosts.class;
  }

  @Override
  public Backend backend(
      int domain, DmaIommuSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new DmaIommu(domain, spec, host, ops, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(DmaIommu.class);
  }
}
