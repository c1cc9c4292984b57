package dev.mapstorm.actors.backend.unmanaged;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** The IOMMU API. */
public final class UnmanagedKind implements BackendKind<UnmanagedSpec> {
  @Override
  public String label() {
    return "unmanaged";
  }

  @Override
  public Class<UnmanagedSpec> spec() {
    return UnmanagedSpec.class;
  }

  @Override
  public Class<UnmanagedCosts> costs() {
    return UnmanagedCosts.class;
  }

  @Override
  public Backend backend(
      int domain, UnmanagedSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new UnmanagedDomain(domain, spec, ops, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(UnmanagedDomain.class);
  }
}
