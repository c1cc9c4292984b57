package dev.mapstorm.actors.backend;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.protocol.CallKind;

/** Numbers the calls into a domain and writes who made each. Not thread-safe. */
public final class CallLog {
  private final int domain;
  private final HostContext host;
  private long last;

  /** For a domain that nobody has come into. */
  public CallLog(int domain, HostContext host) {
    this.domain = domain;
    this.host = host;
  }

  /**
   * A CPU comes into the domain.
   *
   * @param client who called, -1 for the domain's own work
   * @param op for which request, -1 for the domain's own work
   * @return the number of the call, which is also that of the mapping that it makes
   */
  public long enter(int cpu, int client, long op, CallKind what) {
    return enter(cpu, client, op, what, last + 1);
  }

  /** The same to take {@code mapping} back. */
  public long enter(int cpu, int client, long op, CallKind what, long mapping) {
    last++;
    host.events()
        .callEntered(host.clock().now(), domain, last, cpu, client, op, what.ordinal(), mapping);
    return last;
  }

  /** A further step of call {@code id}, by itself for the driver: no event. */
  public void goOn(DomainCall call, long id) {
    call.domain = domain;
    call.id = id;
  }

  /** The same for a {@link DomainCall}. */
  public void enter(DomainCall call, CallKind what) {
    call.domain = domain;
    call.id = enter(call.cpu, call.client, call.op, what);
  }

  /** The same for a {@link DomainCall} that takes {@code mapping} back. */
  public void enter(DomainCall call, CallKind what, long mapping) {
    call.domain = domain;
    call.takesBack = mapping;
    call.id = enter(call.cpu, call.client, call.op, what, mapping);
  }
}
