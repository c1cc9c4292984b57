package dev.mapstorm.actors.backend.window;

import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.protocol.message.DomainMessage;

/**
 * A call into a domain of a {@link WindowBackend}: a backend adds the steps of its model. Not
 * thread-safe.
 */
public abstract class WindowCall extends DomainCall {
  /** What a call does when it is resumed. */
  enum Phase {
    /** The next step of its model. */
    STEP,
    /** Entries are written: tell the units. */
    SYNC_MAP,
    /** Entries are cleared: make the units forget them. */
    SYNC
  }

  Phase phase = Phase.STEP;
  boolean unmaps;

  /** What the client asked for. */
  DomainMessage.DmaCall message;

  /** The mapping that it makes or takes back, by its number in messages. */
  int mapping;

  /** For none. */
  protected WindowCall() {}

  void begin(int slot, DomainMessage.DmaCall call, boolean takesBackMapping, long now) {
    begin(slot, call.client(), call.cpu(), call.op(), now);
    phase = Phase.STEP;
    message = call;
    unmaps = takesBackMapping;
    mapping = -1;
  }

  CallInProgress show() {
    return new CallInProgress(
        id,
        unmaps ? CallInProgress.Purpose.UNMAP : CallInProgress.Purpose.MAP,
        client,
        cpu,
        op,
        takesBack,
        0,
        false,
        false,
        0,
        new long[0],
        syncPfn(),
        syncPages());
  }
}
