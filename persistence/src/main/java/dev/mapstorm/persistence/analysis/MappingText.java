package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;

/** The part of a {@link ReportText} about mappings: IOVAs, translations, and cost by size. */
final class MappingText {
  private final AnalysisResult result;
  private final ReportPage page;

  MappingText(AnalysisResult result, ReportPage page) {
    this.result = result;
    this.page = page;
  }

  void write() {
    batchSizing();
    iova();
    translation();
  }

  private void batchSizing() {
    for (AnalysisResult.BatchSizes api : result.batchSizing()) {
      if (api.bestPages() == 0) {
        continue;
      }
      page.section(
          "Cost of %s mappings by size: best at %s, within 10 %% of it from %s",
          api.api(), Units.things(api.bestPages(), "page"), Units.things(api.kneePages(), "page"));
      TextTable table =
          new TextTable(
              ">pages", ">mappings", ">map/page", ">unmap/page", ">both/page", ">p50", ">p99", "");
      page.table(
          table,
          api.sizes(),
          size -> {
            long pages = size.mappings() * size.pages();
            table.row(
                size.pages(),
                Units.count(size.mappings()),
                ReportPage.each(size.mapCallNs(), pages),
                ReportPage.each(size.unmapCallNs(), pages),
                ReportPage.each(size.mapCallNs() + size.unmapCallNs(), pages),
                ReportPage.time(size.latency(), size.latency().p50()),
                ReportPage.time(size.latency(), size.latency().p99()),
                mark(api, size));
          });
    }
  }

  private static String mark(AnalysisResult.BatchSizes api, AnalysisResult.BatchSize size) {
    if (size.pages() == api.kneePages()) {
      return "knee";
    }
    return size.pages() == api.bestPages() ? "best" : "";
  }

  private void iova() {
    AnalysisResult.Iova iova = result.iova();
    long allocated = iova.sources().stream().mapToLong(AnalysisResult.SourceCount::count).sum();
    long freed =
        iova.destinations().stream().mapToLong(AnalysisResult.DestinationCount::count).sum();
    if (allocated == 0) {
      return;
    }
    page.section("IOVA allocator");
    TextTable table = new TextTable("", ">ranges", ">share");
    for (AnalysisResult.SourceCount each : iova.sources()) {
      row(table, "from " + each.source(), each.count(), allocated);
    }
    for (AnalysisResult.DestinationCount each : iova.destinations()) {
      row(table, "to " + each.destination(), each.count(), freed);
    }
    page.table(table);
    TextTable sizes = new TextTable(">pages up to", ">allocated", ">past the caches");
    page.table(
        sizes,
        iova.sizes(),
        each ->
            sizes.row(
                1L << each.order(),
                Units.count(each.allocated()),
                Units.percent(each.fromTree(), each.allocated())));
    Distribution walk = iova.walk();
    page.line(
        "  tree walks stepped over %s nodes in the mean, p50 %d, p99 %d, max %d",
        Units.ratio(walk.sum(), walk.count()), walk.p50(), walk.p99(), walk.max());
    page.line(
        "  %d cache flushes (%s ranges), %d depot trims (%s ranges)",
        iova.cacheFlushes(),
        Units.count(iova.rangesFlushed()),
        iova.depotTrims(),
        Units.count(iova.rangesTrimmed()));
    page.line(
        "  at most %s of IOVA and %s of page tables in use",
        Units.bytes(iova.pagesMax() << Granule.SHIFT),
        Units.bytes(iova.tablesMax() << Granule.SHIFT));
  }

  private static void row(TextTable table, String what, long count, long all) {
    if (count > 0) {
      table.row(what, Units.count(count), Units.percent(count, all));
    }
  }

  private void translation() {
    AnalysisResult.Translation translation = result.translation();
    if (translation.devices().isEmpty()) {
      return;
    }
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
    for (AnalysisResult.ErrorCount error : translation.faults()) {
      page.line("  %s: %s", error.error(), Units.count(error.count()));
    }
  }
}
