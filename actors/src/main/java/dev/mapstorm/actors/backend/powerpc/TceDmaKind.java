package dev.mapstorm.actors.backend.powerpc;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/** The DMA API of powerpc. */
public final class TceDmaKind implements BackendKind<TceDmaSpec> {
  @Override
  public String label() {
    return "powerpc";
  }

  @Override
  public Class<TceDmaSpec> spec() {
    return TceDmaSpec.class;
  }

  @Override
  public Class<TceDmaCosts> costs() {
    return TceDmaCosts.class;
  }

  @Override
  public Backend backend(
      int domain, TceDmaSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    return new TceDma(domain, spec, host, ops, context);
  }

  @Override
  public List<Class<?>> state() {
    return List.of(TceDma.class, PowerCall.class);
  }
}
