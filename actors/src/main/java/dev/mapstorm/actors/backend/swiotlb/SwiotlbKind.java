package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** dma-direct with bounce buffers. */
public final class SwiotlbKind implements BackendKind<SwiotlbSpec> {
  @Override
  public String label() {
    return "swiotlb";
  }

  @Override
  public Class<SwiotlbSpec> spec() {
    return SwiotlbSpec.class;
  }

  @Override
  public Class<SwiotlbCosts> costs() {
    return SwiotlbCosts.class;
  }

  @Override
  public Backend backend(
      int domain, SwiotlbSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new SwiotlbDirect(domain, spec, host, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(SwiotlbDirect.class);
  }
}
