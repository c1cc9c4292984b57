package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** A backend that gives addresses out in ascending order and pays for each byte. */
final class ToyBackendKind implements BackendKind<ToyDomainSpec> {
  @Override
  public String label() {
    return "toy";
  }

  @Override
  public Class<ToyDomainSpec> spec() {
    return ToyDomainSpec.class;
  }

  @Override
  public Class<ToyDomainCosts> costs() {
    return ToyDomainCosts.class;
  }

  @Override
  public Backend backend(
      int domain, ToyDomainSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new ToyBackend(domain, spec, ops, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(ToyBackend.class);
  }
}
