package dev.mapstorm.persistence.report;

import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.protocol.event.EventSink;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The analyses of a run: figures from events alone, in one pass over each host's stream.
 *
 * <p>{@link #host} gives the sink that a host's events go to, in order and from the first on. Hosts
 * may be fed in any interleaving, or in different analyses that are {@linkplain #merge merged}
 * afterwards; the result is the same. A result may be asked for at any time between events and does
 * not disturb what follows. Not thread-safe, but analyses share nothing, so that each core may have
 * its own.
 */
public final class RunAnalysis {
  private final AnalysisOptions options;
  private final List<Analysis<?, ?>> analyses;
  private final TreeMap<Integer, HostAnalysis> hosts = new TreeMap<>();

  /** {@link Analyses#ALL} with these options; nothing is seen yet. */
  public RunAnalysis(AnalysisOptions options) {
    this(options, Analyses.ALL);
  }

  /** {@link Analyses#ALL} with {@link AnalysisOptions#DEFAULT}. */
  public RunAnalysis() {
    this(AnalysisOptions.DEFAULT);
  }

  /** These analyses, and no others. Those whose results they ask for must be among them. */
  RunAnalysis(AnalysisOptions options, List<Analysis<?, ?>> analyses) {
    this.options = options;
    this.analyses = List.copyOf(analyses);
  }

  /** The sink for the events of {@code host}, the same at every call. */
  public EventSink host(int host) {
    return hosts
        .computeIfAbsent(host, number -> new HostAnalysis(number, options, analyses))
        .sink();
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
  public void merge(RunAnalysis other) {
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
    Computation computation = new Computation();
    Map<Analysis<?, ?>, Object> found = new LinkedHashMap<>();
    analyses.forEach(each -> found.put(each, computation.of(each)));
    return new AnalysisResult(found);
  }

  /** Makes each result once, when it is asked for first. */
  private final class Computation implements Hosts {
    private final Map<Analysis<?, ?>, Object> made = new HashMap<>();

    @Override
    @SuppressWarnings("unchecked")
    public <R> R of(Analysis<?, R> analysis) {
      Object result = made.get(analysis);
      if (result == null) {
        result = analysis.result(this);
        made.put(analysis, result);
      }
      return (R) result;
    }

    @Override
    public <H extends HostFigures> List<H> each(Analysis<H, ?> analysis) {
      return hosts.values().stream().map(host -> host.of(analysis)).toList();
    }

    @Override
    public AnalysisOptions options() {
      return options;
    }
  }
}
