package dev.mapstorm.actors.backend.direct;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** dma-direct. */
public final class DirectKind implements BackendKind<DirectSpec> {
  @Override
  public String label() {
    return "dma-direct";
  }

  @Override
  public Class<DirectSpec> spec() {
    return DirectSpec.class;
  }

  @Override
  public Class<DirectCosts> costs() {
    return DirectCosts.class;
  }

  @Override
  public Backend backend(
      int domain, DirectSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new DmaDirect(domain, spec.costs(), context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(DmaDirect.class);
  }
}
