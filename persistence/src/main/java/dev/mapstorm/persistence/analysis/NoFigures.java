package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;

/** For an analysis that collects nothing itself: it goes by what others do. */
@Hears({})
public final class NoFigures extends PartialSink implements HostFigures {
  /** Hears nothing. */
  public NoFigures() {}
}
