package dev.mapstorm.persistence.analysis.device;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** What devices waited for translations, and what they could not use. */
public final class TranslationAnalysis
    implements Analysis<TranslationFigures, TranslationAnalysis.Translation> {
  /** The analysis. */
  public static final TranslationAnalysis TRANSLATION = new TranslationAnalysis();

  private TranslationAnalysis() {}

  /**
   * The device side.
   *
   * @param total all devices together ({@code host} and {@code device} are -1)
   * @param devices by host and device
   * @param faults by error, those that occurred
   * @param strays accesses that no request gives a device, by cause and outcome, those that
   *     occurred
   */
  public record Translation(
      Device total, List<Device> devices, List<ErrorCount> faults, List<StrayCount> strays) {}

  /**
   * @param host its host
   * @param device its number
   * @param translations requests translated
   * @param pages granules that the unit translated
   * @param hits of them in the IOTLB
   * @param reads page-table reads for the others
   * @param stallNs time that requests waited for translation, up to the host's last event
   * @param stallMaxNs longest of these waits
   * @param faults addresses that it could not use
   * @param tlbPages granules that were looked up in the device's own TLB
   * @param tlbHits of them there
   */
  public record Device(
      int host,
      int device,
      long translations,
      long pages,
      long hits,
      long reads,
      long stallNs,
      long stallMaxNs,
      long faults,
      long tlbPages,
      long tlbHits) {}

  /**
   * @param error label of the error
   * @param count how often
   */
  public record ErrorCount(String error, long count) {}

  /**
   * @param cause what was wrong about the accesses
   * @param outcome what became of them
   * @param count how many
   */
  public record StrayCount(String cause, String outcome, long count) {}

  @Override
  public String name() {
    return "translation";
  }

  @Override
  public TranslationFigures host(AnalysedHost host) {
    return new TranslationFigures(host.host());
  }

  @Override
  public Translation result(Hosts hosts) {
    return TranslationFigures.result(hosts.each(this), ExtentAnalysis.spans(hosts));
  }

  @Override
  public void text(Results results, ReportPage page) {
    Translation translation = results.of(this);
    if (!translation.devices().isEmpty()) {
      devices(translation, page);
    }
    if (!translation.strays().isEmpty()) {
      page.section("Accesses that devices should not have made (mapstorm check tells of each)");
      TextTable table = new TextTable("what was wrong", "what became of it", ">accesses");
      page.table(
          table,
          translation.strays(),
          each -> table.row(each.cause(), each.outcome(), Units.count(each.count())));
    }
  }

  private static void devices(Translation translation, ReportPage page) {
    page.section("Devices");
    TextTable table =
        new TextTable(
            ">device",
            ">requests",
            ">pages",
            ">IOTLB hits",
            ">reads/page",
            ">stall/request",
            ">stall max",
            ">faults");
    page.table(
        table,
        translation.devices(),
        each ->
            table.row(
                page.of(each.host(), each.device()),
                Units.count(each.translations()),
                Units.count(each.pages()),
                Units.percent(each.hits(), each.pages()),
                Units.ratio(each.reads(), each.pages()),
                ReportPage.each(each.stallNs(), each.translations()),
                Units.time(each.stallMaxNs()),
                Units.count(each.faults())));
    Device total = translation.total();
    if (total.tlbPages() > 0) {
      page.line(
          "  TLBs of devices: %s of %s pages",
          Units.percent(total.tlbHits(), total.tlbPages()), Units.count(total.tlbPages()));
    }
    for (ErrorCount error : translation.faults()) {
      page.line("  %s: %s", error.error(), Units.count(error.count()));
    }
  }

  @Override
  public void figures(Results results, RunFigures into) {
    Device all = results.of(this).total();
    if (all.pages() > 0) {
      double hits = 100.0 * all.hits() / all.pages();
      into.add("IOTLB hits", FigureUnit.PERCENT, hits, RunFigures.PART_OF_OUTCOME);
    }
    if (all.tlbPages() > 0) {
      double hits = 100.0 * all.tlbHits() / all.tlbPages();
      into.add("hits in TLBs of devices", FigureUnit.PERCENT, hits, RunFigures.PART_OF_OUTCOME);
    }
    if (all.translations() > 0) {
      double reads = (double) all.reads() / all.translations();
      double stall = (double) all.stallNs() / all.translations();
      into.add(
          "page-table reads of devices per request", FigureUnit.COUNT, reads, RunFigures.CAUSE);
      into.add(
          "devices waiting for translations per request", FigureUnit.NS, stall, RunFigures.CAUSE);
    }
  }
}
