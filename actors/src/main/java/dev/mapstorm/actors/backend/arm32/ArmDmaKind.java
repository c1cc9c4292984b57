package dev.mapstorm.actors.backend.arm32;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** The DMA API of 32-bit Arm. */
public final class ArmDmaKind implements BackendKind<ArmDmaSpec> {
  @Override
  public String label() {
    return "arm32";
  }

  @Override
  public Class<ArmDmaSpec> spec() {
    return ArmDmaSpec.class;
  }

  @Override
  public Class<ArmDmaCosts> costs() {
    return ArmDmaCosts.class;
  }

  @Override
  public Backend backend(
      int domain, ArmDmaSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new ArmDma(domain, spec, ops, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(ArmDma.class, ArmCall.class);
  }
}
