package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.inflight.InFlight;

/**
 * The host whose events an analysis hears.
 *
 * @param host its number
 * @param inFlight what of it is in flight; it hears each event before the analyses do
 * @param options how the run is looked at
 */
public record AnalysedHost(int host, InFlight inFlight, AnalysisOptions options) {}
