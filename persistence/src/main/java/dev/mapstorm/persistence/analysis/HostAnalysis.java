package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventFanout;
import dev.mapstorm.protocol.event.EventSink;
import java.util.List;

/** The figures of one host. */
final class HostAnalysis {
  private final InFlight inFlight = new InFlight();

  final int host;
  final EventCounts counts = new EventCounts();
  final ClientFigures clients;
  final LatencyFigures latency = new LatencyFigures(inFlight);
  final BatchFigures batches = new BatchFigures(inFlight);
  final CallFigures calls;
  final LockFigures locks;
  final InvalidationFigures invalidations;
  final FlushFigures flush;
  final Storms storms;
  final IovaFigures iova = new IovaFigures();
  final TranslationFigures translation;
  final CpuFigures cpus;
  private final EventSink sink;

  HostAnalysis(int host, AnalysisOptions options) {
    this.host = host;
    clients = new ClientFigures(host, inFlight);
    calls = new CallFigures(inFlight, clients);
    locks = new LockFigures(host, inFlight);
    invalidations = new InvalidationFigures(host, inFlight);
    flush = new FlushFigures(host, inFlight);
    storms = new Storms(host, options, inFlight);
    translation = new TranslationFigures(host);
    cpus = new CpuFigures(host, inFlight);
    sink =
        new EventFanout(
            List.of(
                counts,
                inFlight,
                clients,
                latency,
                batches,
                calls,
                locks,
                invalidations,
                flush,
                storms,
                iova,
                translation,
                cpus));
  }

  /** Where the host's events go. */
  EventSink sink() {
    return sink;
  }

  /** Gives up the room that only further events need; none may follow. */
  void pack() {
    inFlight.clear();
    calls.clear();
    clients.pack();
    latency.pack();
    batches.pack();
    invalidations.pack();
    flush.pack();
    iova.pack();
  }
}
