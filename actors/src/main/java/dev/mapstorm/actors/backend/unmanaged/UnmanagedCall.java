package dev.mapstorm.actors.backend.unmanaged;

import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.protocol.message.DomainMessage;

/** A call into an {@link UnmanagedDomain}. Not thread-safe. */
final class UnmanagedCall extends DomainCall {
  private static final long[] NOTHING = {};

  /** Whether it maps; else it unmaps. */
  boolean maps;

  /** The mapping that it makes or takes back. */
  int mapping;

  /** Granules of it. */
  long pages;

  void begin(int slot, boolean toMap, DomainMessage.DmaCall call, long now) {
    begin(slot, call.client(), call.cpu(), call.op(), now);
    maps = toMap;
    mapping = -1;
    pages = 0;
  }

  /** The call as it is between two steps. */
  CallInProgress show() {
    return new CallInProgress(
        id,
        maps ? CallInProgress.Purpose.MAP : CallInProgress.Purpose.UNMAP,
        client,
        cpu,
        op,
        takesBack,
        pages,
        false,
        false,
        0,
        NOTHING,
        syncPfn(),
        syncPages());
  }
}
