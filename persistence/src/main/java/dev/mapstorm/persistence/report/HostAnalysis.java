package dev.mapstorm.persistence.report;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventFanout;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What all analyses collect of one host. Not thread-safe. */
final class HostAnalysis {
  private final InFlight inFlight = new InFlight();
  private final Map<Analysis<?, ?>, HostFigures> figures = new LinkedHashMap<>();
  private final EventSink sink;

  HostAnalysis(int host, AnalysisOptions options, List<Analysis<?, ?>> analyses) {
    AnalysedHost analysed = new AnalysedHost(host, inFlight, options);
    List<EventSink> sinks = new ArrayList<>();
    sinks.add(inFlight);
    for (Analysis<?, ?> analysis : analyses) {
      HostFigures own = analysis.host(analysed);
      figures.put(analysis, own);
      sinks.add(own);
    }
    sink = new EventFanout(sinks);
  }

  /** Where the host's events go. */
  EventSink sink() {
    return sink;
  }

  /** What an analysis collected. */
  @SuppressWarnings("unchecked")
  <H extends HostFigures> H of(Analysis<H, ?> analysis) {
    return (H) figures.get(analysis);
  }

  /** Gives up the room that only further events need; none may follow. */
  void pack() {
    inFlight.clear();
    figures.values().forEach(HostFigures::pack);
  }
}
