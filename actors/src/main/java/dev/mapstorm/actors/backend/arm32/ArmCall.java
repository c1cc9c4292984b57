package dev.mapstorm.actors.backend.arm32;

import dev.mapstorm.actors.backend.window.WindowCall;
import dev.mapstorm.actors.model.arm32.ArmDmaCall;

/** A call with the steps of {@link ArmDmaCall}. */
final class ArmCall extends WindowCall {
  final ArmDmaCall steps = new ArmDmaCall();
}
