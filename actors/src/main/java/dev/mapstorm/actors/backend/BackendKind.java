package dev.mapstorm.actors.backend;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import java.util.List;

/**
 * A kind of backend: all that the rest of the program has to know of it. The kinds that there are
 * stand in {@code actors.host.Kinds}.
 *
 * @param <S> what a domain with such a backend is made from
 */
public interface BackendKind<S extends DomainSpec> {
  /** What Linux calls it. */
  String label();

  /** What a domain with such a backend is made from. */
  Class<S> spec();

  /** What its steps cost: a record with a component for each figure of a platform profile. */
  Class<? extends Record> costs();

  /**
   * A backend.
   *
   * @param ops what the driver of the domain's units does for it; null if no unit is in front of
   *     its devices
   */
  Backend backend(int domain, S spec, HostSpec host, DomainOps.Maker ops, HostContext context);

  /** The classes whose fields are all of its state, so that a checkpoint can hold them. */
  List<Class<?>> state();
}
