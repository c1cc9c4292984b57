package dev.mapstorm.persistence.analysis.batch;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** What mappings cost, by API and by their pages. */
public final class BatchAnalysis implements Analysis<BatchFigures, List<BatchAnalysis.BatchSizes>> {
  /** The analysis. */
  public static final BatchAnalysis BATCH_SIZING = new BatchAnalysis();

  private BatchAnalysis() {}

  /**
   * What mapping costs with one API, by the pages of a mapping.
   *
   * @param api how it was mapped
   * @param kneePages the smallest size whose cost per page is within a tenth of the best; 0 if no
   *     mapping was taken back
   * @param bestPages the size with the lowest cost per page, 0 likewise
   * @param sizes in ascending size
   */
  public record BatchSizes(String api, long kneePages, long bestPages, List<BatchSize> sizes) {}

  /**
   * @param pages granules of a mapping
   * @param mappings of that size that were mapped and taken back
   * @param mapCallNs CPU time of their mapping calls
   * @param unmapCallNs CPU time of their unmapping calls
   * @param psPerPage both shared out over their pages, in picoseconds a page
   * @param latency of the requests whose first mapping had that size
   */
  public record BatchSize(
      long pages,
      long mappings,
      long mapCallNs,
      long unmapCallNs,
      long psPerPage,
      Distribution latency) {}

  @Override
  public String name() {
    return "batchSizing";
  }

  @Override
  public BatchFigures host(AnalysedHost host) {
    return new BatchFigures(host.inFlight());
  }

  @Override
  public List<BatchSizes> result(Hosts hosts) {
    return BatchFigures.result(hosts.each(this));
  }

  @Override
  public void text(Results results, ReportPage page) {
    for (BatchSizes api : results.of(this)) {
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

  private static String mark(BatchSizes api, BatchSize size) {
    if (size.pages() == api.kneePages()) {
      return "knee";
    }
    return size.pages() == api.bestPages() ? "best" : "";
  }
}
