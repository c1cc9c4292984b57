package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The analysis of a run: figures from events alone, in one pass over each host's stream.
 *
 * <p>{@link #host} gives the sink that a host's events go to, in order and from the first on. Hosts
 * may be fed in any interleaving, or in different analyses that are {@linkplain #merge merged}
 * afterwards; the result is the same. A result may be asked for at any time between events and does
 * not disturb what follows. Not thread-safe, but analyses share nothing, so that each core may have
 * its own.
 */
public final class Analysis {
  private final AnalysisOptions options;
  private final TreeMap<Integer, HostAnalysis> hosts = new TreeMap<>();

  /** An analysis that has seen nothing. */
  public Analysis(AnalysisOptions options) {
    this.options = options;
  }

  /** An analysis with {@link AnalysisOptions#DEFAULT}. */
  public Analysis() {
    this(AnalysisOptions.DEFAULT);
  }

  /** The sink for the events of {@code host}, the same at every call. */
  public EventSink host(int host) {
    return hosts.computeIfAbsent(host, number -> new HostAnalysis(number, options)).sink();
  }

  /** Gives up the room that only further events of {@code host} need; none may follow. */
  public void pack(int host) {
    HostAnalysis known = hosts.get(host);
    if (known != null) {
      known.pack();
    }
  }

  /**
   * Takes over all hosts of {@code other}, which must not be used any more.
   *
   * @throws IllegalArgumentException if a host is in both, since a host's events belong in one
   *     sink, or if the options differ
   */
  public void merge(Analysis other) {
    if (!options.equals(other.options)) {
      throw new IllegalArgumentException(
          "analyses with %s and %s cannot be merged".formatted(options, other.options));
    }
    for (int host : other.hosts.keySet()) {
      if (hosts.containsKey(host)) {
        throw new IllegalArgumentException("host " + host + " was analysed twice");
      }
    }
    hosts.putAll(other.hosts);
  }

  /** What was found so far. */
  public AnalysisResult result() {
    Collection<HostAnalysis> all = hosts.values();
    EventCounts counts = new EventCounts();
    List<AnalysisResult.Client> clients = new ArrayList<>();
    List<AnalysisResult.Stolen> stolen = new ArrayList<>();
    all.forEach(host -> counts.add(host.counts));
    long spanNs = counts.spanNs();
    for (HostAnalysis host : all) {
      host.clients.rows(spanNs, clients);
      host.cpus.rows(stolen);
    }
    List<FlushFigures> flush = each(host -> host.flush);
    long[] lastNs = all.stream().mapToLong(host -> host.counts.last()).toArray();
    List<AnalysisResult.Lock> locks =
        LockFigures.result(
            each(host -> host.locks.upTo(host.counts.first(), host.counts.last())), options.top());
    long lockWaitsNs = locks.stream().mapToLong(lock -> lock.use().waitsNs()).sum();
    return new AnalysisResult(
        counts.result(all.size()),
        ClientFigures.total(each(host -> host.clients), spanNs),
        List.copyOf(clients),
        LatencyFigures.result(each(host -> host.latency)),
        locks,
        InvalidationFigures.result(each(host -> host.invalidations), worstWindow(), spanNs),
        FlushFigures.queues(flush),
        FlushFigures.exposure(flush, lastNs),
        IovaFigures.result(each(host -> host.iova)),
        TranslationFigures.result(each(host -> host.translation), lastNs),
        BatchFigures.result(each(host -> host.batches)),
        Storms.result(each(host -> host.storms), options),
        List.copyOf(stolen),
        CallFigures.result(each(host -> host.calls), lockWaitsNs));
  }

  private <T> List<T> each(Function<HostAnalysis, T> figures) {
    return hosts.values().stream().map(figures).toList();
  }

  private AnalysisResult.Window worstWindow() {
    AnalysisResult.Window worst = null;
    for (HostAnalysis host : hosts.values()) {
      AnalysisResult.Window window = host.storms.worst();
      if (window != null && (worst == null || window.invalidations() > worst.invalidations())) {
        worst = window;
      }
    }
    return worst;
  }
}
