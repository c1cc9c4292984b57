package dev.mapstorm.persistence.analysis.cpu;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Hosts;
import java.util.ArrayList;
import java.util.List;

/** CPU time that went to work of no client, by host and CPU. */
public final class StolenAnalysis implements Analysis<StolenFigures, List<StolenAnalysis.Stolen>> {
  /** The analysis. */
  public static final StolenAnalysis STOLEN = new StolenAnalysis();

  private StolenAnalysis() {}

  /**
   * @param host on which host
   * @param cpu from which CPU
   * @param times how often
   * @param ns CPU time in all
   * @param longestNs the longest time at once
   */
  public record Stolen(int host, int cpu, long times, long ns, long longestNs) {}

  @Override
  public String name() {
    return "stolen";
  }

  @Override
  public StolenFigures host(AnalysedHost host) {
    return new StolenFigures(host.host(), host.inFlight());
  }

  /** By host and CPU, those that lost time. */
  @Override
  public List<Stolen> result(Hosts hosts) {
    List<Stolen> rows = new ArrayList<>();
    hosts.each(this).forEach(host -> host.rows(rows));
    return List.copyOf(rows);
  }
}
