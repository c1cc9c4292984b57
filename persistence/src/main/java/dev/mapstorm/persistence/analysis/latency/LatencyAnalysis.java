package dev.mapstorm.persistence.analysis.latency;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** Where the time of requests went, by API and direction. */
public final class LatencyAnalysis
    implements Analysis<LatencyFigures, List<LatencyAnalysis.Latency>> {
  /** The analysis. */
  public static final LatencyAnalysis LATENCY = new LatencyAnalysis();

  private LatencyAnalysis() {}

  /**
   * Where the time of one kind of request went. The phases follow each other without gap: their
   * sums add up to the sum of {@code total}, to the nanosecond.
   *
   * @param api how it was mapped
   * @param direction of the transfer
   * @param total latency of the requests
   * @param phases in the order in which a request goes through them
   * @param stallNs of it spent by devices waiting for translations, within the device's phases
   */
  public record Latency(
      String api, String direction, Distribution total, List<Phase> phases, long stallNs) {}

  /**
   * @param phase from which milestone to which
   * @param time that requests spent in it
   */
  public record Phase(String phase, Distribution time) {}

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public LatencyFigures host(AnalysedHost host) {
    return new LatencyFigures(host.inFlight());
  }

  @Override
  public List<Latency> result(Hosts hosts) {
    return LatencyFigures.result(hosts.each(this));
  }

  @Override
  public void text(Results results, ReportPage page) {
    for (Latency kind : results.of(this)) {
      page.section(
          "Latency of %s %s requests (%s)",
          kind.api(), kind.direction(), Units.count(kind.total().count()));
      TextTable table = new TextTable("", ">share", ">mean", ">p50", ">p99", ">p99.9", ">max");
      for (Phase phase : kind.phases()) {
        if (phase.time().sum() > 0) {
          row(table, phase.phase(), phase.time(), kind.total().sum());
        }
      }
      row(table, "total", kind.total(), kind.total().sum());
      page.table(table);
      if (kind.stallNs() > 0) {
        page.line(
            "  devices waited %s of it for translations (%s)",
            Units.time(kind.stallNs()), Units.percent(kind.stallNs(), kind.total().sum()));
      }
    }
  }

  /** Of the calls, which drivers wait for: too many to be worth a line of a comparison. */
  @Override
  public void figures(Results results, RunFigures into) {
    for (Latency kind : results.of(this)) {
      for (Phase phase : kind.phases()) {
        if (LatencyFigures.isCall(phase.phase()) && phase.time().count() > 0) {
          String name = "%s of %s %s".formatted(phase.phase(), kind.api(), kind.direction());
          into.add(name + ", p50", FigureUnit.NS, phase.time().p50(), RunFigures.ON_DEMAND);
          into.add(name + ", p99", FigureUnit.NS, phase.time().p99(), RunFigures.ON_DEMAND);
          into.add(name + ", p99.9", FigureUnit.NS, phase.time().p999(), RunFigures.ON_DEMAND);
          into.add(name + ", max", FigureUnit.NS, phase.time().max(), RunFigures.ON_DEMAND);
        }
      }
    }
  }

  private static void row(TextTable table, String what, Distribution d, long all) {
    table.row(
        what,
        Units.percent(d.sum(), all),
        Units.time(d.mean()),
        Units.time(d.p50()),
        Units.time(d.p99()),
        Units.time(d.p999()),
        Units.time(d.max()));
  }
}
