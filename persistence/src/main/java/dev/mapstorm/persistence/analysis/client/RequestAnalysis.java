package dev.mapstorm.persistence.analysis.client;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.NoFigures;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.text.Units;

/** The requests of all clients together. */
public final class RequestAnalysis implements Analysis<NoFigures, ClientAnalysis.Client> {
  /** The analysis. */
  public static final RequestAnalysis REQUESTS = new RequestAnalysis();

  private RequestAnalysis() {}

  @Override
  public String name() {
    return "total";
  }

  @Override
  public NoFigures host(AnalysedHost host) {
    return new NoFigures();
  }

  /** A row with the host and client -1. */
  @Override
  public ClientAnalysis.Client result(Hosts hosts) {
    return ClientFigures.total(
        hosts.each(ClientAnalysis.CLIENTS),
        CpuTimeAnalysis.ofClients(hosts),
        hosts.of(ExtentAnalysis.EXTENT).spanNs());
  }

  @Override
  public void text(Results results, ReportPage page) {
    ClientAnalysis.Client total = results.of(this);
    page.line(
        "requests  %s asked, %s done (%s/s), %s/s, %s failed calls, %s faults",
        Units.count(total.requested()),
        Units.count(total.done()),
        Units.count(total.donePerSecond()),
        Units.bytes(total.bytesPerSecond()),
        Units.count(total.mapFailures()),
        Units.count(total.faults()));
    if (total.done() > 0) {
      Distribution d = total.latency();
      page.line(
          "latency   p50 %s  p90 %s  p99 %s  p99.9 %s  max %s",
          Units.time(d.p50()),
          Units.time(d.p90()),
          Units.time(d.p99()),
          Units.time(d.p999()),
          Units.time(d.max()));
    }
  }

  /**
   * Rates of requests end with the last one done, so that the time after requests that ran out does
   * not count.
   */
  @Override
  public void figures(Results results, RunFigures into) {
    ClientAnalysis.Client total = results.of(this);
    double seconds = (total.lastDoneNs() - results.of(ExtentAnalysis.EXTENT).firstNs()) / 1e9;
    if (seconds > 0) {
      into.add("requests done", FigureUnit.PER_SECOND, total.done() / seconds, RunFigures.OUTCOME);
      into.add(
          "throughput", FigureUnit.BYTES_PER_SECOND, total.bytes() / seconds, RunFigures.OUTCOME);
    }
    into.add("failed calls", FigureUnit.COUNT, total.mapFailures(), RunFigures.OUTCOME);
    into.add("faults", FigureUnit.COUNT, total.faults(), RunFigures.OUTCOME);
    Distribution latency = total.latency();
    if (latency.count() > 0) {
      double mean = (double) latency.sum() / latency.count();
      into.add("latency mean", FigureUnit.NS, mean, RunFigures.OUTCOME);
      into.add("latency p50", FigureUnit.NS, latency.p50(), RunFigures.OUTCOME);
      into.add("latency p90", FigureUnit.NS, latency.p90(), RunFigures.PART_OF_OUTCOME);
      into.add("latency p99", FigureUnit.NS, latency.p99(), RunFigures.OUTCOME);
      into.add("latency p99.9", FigureUnit.NS, latency.p999(), RunFigures.PART_OF_OUTCOME);
      into.add("latency max", FigureUnit.NS, latency.max(), RunFigures.CAUSE);
    }
  }
}
