package dev.mapstorm.persistence.analysis.invalidation;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.storm.StormAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** The invalidations of the IOTLB, in all and by unit. */
public final class InvalidationAnalysis
    implements Analysis<InvalidationFigures, InvalidationAnalysis.Invalidations> {
  /** The analysis. */
  public static final InvalidationAnalysis INVALIDATIONS = new InvalidationAnalysis();

  private InvalidationAnalysis() {}

  /**
   * IOTLB invalidations.
   *
   * @param pageSelective posted for a range
   * @param domainSelective posted for a whole domain
   * @param pagesAsked by page-selective ones
   * @param pagesCovered by page-selective ones
   * @param dropped IOTLB entries that went
   * @param perSecond posted a second
   * @param latency from posting to the completed wait
   * @param worstWindow the window with most of them, null without any
   * @param units by host and unit
   * @param byDevices that devices with a TLB of their own answered
   * @param deviceDropped entries of these TLBs that went
   * @param timedOut waits for such answers that were given up
   */
  public record Invalidations(
      long pageSelective,
      long domainSelective,
      long pagesAsked,
      long pagesCovered,
      long dropped,
      long perSecond,
      Distribution latency,
      StormAnalysis.Window worstWindow,
      List<Unit> units,
      long byDevices,
      long deviceDropped,
      long timedOut) {}

  /**
   * @param host its host
   * @param iommu its number
   * @param posted invalidations
   * @param completed of them
   * @param dropped IOTLB entries
   * @param inFlightMax most that were posted and not yet completed
   * @param latency from posting to the completed wait
   */
  public record Unit(
      int host,
      int iommu,
      long posted,
      long completed,
      long dropped,
      long inFlightMax,
      Distribution latency) {}

  @Override
  public String name() {
    return "invalidations";
  }

  @Override
  public InvalidationFigures host(AnalysedHost host) {
    return new InvalidationFigures(host.host(), host.inFlight());
  }

  @Override
  public Invalidations result(Hosts hosts) {
    return InvalidationFigures.result(
        hosts.each(this),
        StormAnalysis.worstWindow(hosts),
        hosts.of(ExtentAnalysis.EXTENT).spanNs());
  }

  @Override
  public void text(Results results, ReportPage page) {
    Invalidations all = results.of(this);
    long posted = all.pageSelective() + all.domainSelective();
    if (posted == 0) {
      return;
    }
    page.section("Invalidations");
    page.line(
        "  %s posted (%s/s): %s page-selective, %s domain-selective; %s IOTLB entries dropped",
        Units.count(posted),
        Units.count(all.perSecond()),
        Units.count(all.pageSelective()),
        Units.count(all.domainSelective()),
        Units.count(all.dropped()));
    if (all.byDevices() > 0) {
      page.line(
          "  %s answered by devices: %s entries of their TLBs dropped",
          Units.count(all.byDevices()), Units.count(all.deviceDropped()));
    }
    if (all.timedOut() > 0) {
      page.line("  %s not answered by a device in time", Units.count(all.timedOut()));
    }
    if (all.pagesAsked() > 0) {
      page.line(
          "  %s pages asked, %s covered: %s pages too many (x%s)",
          Units.count(all.pagesAsked()),
          Units.count(all.pagesCovered()),
          Units.count(all.pagesCovered() - all.pagesAsked()),
          Units.ratio(all.pagesCovered(), all.pagesAsked()));
    }
    StormAnalysis.Window worst = all.worstWindow();
    page.line(
        "  worst %s: %s posted, from %s",
        Units.time(worst.widthNs()),
        Units.count(worst.invalidations()),
        page.of(worst.host(), Units.instant(worst.startNs())));
    TextTable times = ReportPage.times();
    ReportPage.timesRow(times, "posted to completed", all.latency());
    if (results.of(ExposureAnalysis.EXPOSURE).strict().count() > 0) {
      ReportPage.timesRow(times, "exposed, strict", results.of(ExposureAnalysis.EXPOSURE).strict());
    }
    page.table(times);
    units(all.units(), page);
  }

  private static void units(List<Unit> units, ReportPage page) {
    if (units.size() < 2) {
      return;
    }
    TextTable table =
        new TextTable(">unit", ">posted", ">most in flight", ">mean", ">p50", ">p99", ">max");
    page.table(
        table,
        units,
        unit ->
            table.row(
                page.of(unit.host(), unit.iommu()),
                Units.count(unit.posted()),
                unit.inFlightMax(),
                ReportPage.time(unit.latency(), unit.latency().mean()),
                ReportPage.time(unit.latency(), unit.latency().p50()),
                ReportPage.time(unit.latency(), unit.latency().p99()),
                ReportPage.time(unit.latency(), unit.latency().max())));
  }

  @Override
  public void figures(Results results, RunFigures into) {
    into.times("invalidation latency", results.of(this).latency(), RunFigures.CAUSE);
  }
}
