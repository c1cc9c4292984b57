package dev.mapstorm.actors.backend.powerpc;

import dev.mapstorm.actors.backend.window.WindowCall;
import dev.mapstorm.actors.model.tce.TceCall;

/** A call with the steps of {@link TceCall}. */
final class PowerCall extends WindowCall {
  final TceCall steps = new TceCall();
}
