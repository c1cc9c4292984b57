package dev.mapstorm.persistence.analysis.storm;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.stream.Collectors;

/** Windows of virtual time with many more invalidations than usual. */
public final class StormAnalysis implements Analysis<StormFigures, StormAnalysis.Storms> {
  /** The analysis. */
  public static final StormAnalysis STORMS = new StormAnalysis();

  private StormAnalysis() {}

  /**
   * Invalidation storms: windows that hold more invalidations than {@code stormFactor} times the
   * median of the host's non-empty windows and than {@code stormFloor}; neighbouring ones are one
   * storm.
   *
   * @param options the rule's figures
   * @param found how many there are
   * @param largest those with most invalidations first; the top ones
   */
  public record Storms(AnalysisOptions options, long found, List<Storm> largest) {}

  /**
   * @param host on which host
   * @param startNs where its first window begins
   * @param endNs where its last window ends
   * @param invalidations posted in it
   * @param peak most in one of its windows
   * @param median of the host's non-empty windows
   * @param clients whose calls posted them, most first; the top ones
   * @param reasons flush reasons, or unmapping itself, most first
   */
  public record Storm(
      int host,
      long startNs,
      long endNs,
      long invalidations,
      long peak,
      long median,
      List<ClientShare> clients,
      List<ReasonCount> reasons) {}

  /**
   * @param client who, -1 for work of no client such as the flush timer's
   * @param invalidations of the storm that it posted
   */
  public record ClientShare(int client, long invalidations) {}

  /**
   * @param host on which host
   * @param startNs where the window begins
   * @param widthNs its width
   * @param invalidations posted in it
   */
  public record Window(int host, long startNs, long widthNs, long invalidations) {}

  @Override
  public String name() {
    return "storms";
  }

  @Override
  public StormFigures host(AnalysedHost host) {
    return new StormFigures(host.host(), host.options(), host.inFlight());
  }

  @Override
  public Storms result(Hosts hosts) {
    return StormFigures.result(hosts.each(this), hosts.options());
  }

  /** The window of any host with most invalidations, the first of equals; null without any. */
  public static Window worstWindow(Hosts hosts) {
    Window worst = null;
    for (StormFigures host : hosts.each(STORMS)) {
      Window window = host.worst();
      if (window != null && (worst == null || window.invalidations() > worst.invalidations())) {
        worst = window;
      }
    }
    return worst;
  }

  @Override
  public void text(Results results, ReportPage page) {
    Storms storms = results.of(this);
    if (storms.found() == 0) {
      return;
    }
    page.section(
        "Invalidation storms: %d (windows of %s with more than %d medians and %d)",
        storms.found(),
        Units.time(storms.options().windowNs()),
        storms.options().stormFactor(),
        storms.options().stormFloor());
    TextTable table =
        new TextTable(">from", ">lasted", ">posted", ">peak", ">median", "clients", "reason");
    for (Storm storm : page.first(storms.largest())) {
      table.row(
          page.of(storm.host(), Units.instant(storm.startNs())),
          Units.time(storm.endNs() - storm.startNs()),
          Units.count(storm.invalidations()),
          Units.count(storm.peak()),
          Units.count(storm.median()),
          clients(storm),
          storm.reasons().get(0).reason()
              + " "
              + Units.percent(storm.reasons().get(0).count(), storm.invalidations()));
    }
    page.table(table);
    page.more(storms.found());
  }

  /** The two clients that caused most of a storm. */
  private static String clients(Storm storm) {
    return storm.clients().stream()
        .limit(2)
        .map(
            each ->
                (each.client() < 0 ? "none" : String.valueOf(each.client()))
                    + " "
                    + Units.percent(each.invalidations(), storm.invalidations()))
        .collect(Collectors.joining(", "));
  }
}
