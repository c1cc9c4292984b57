package dev.mapstorm.persistence.analysis.iova;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import java.util.List;

/** The IOVA allocator and the pages of page tables. */
public final class IovaAnalysis implements Analysis<IovaFigures, IovaAnalysis.Iova> {
  /** The analysis. */
  public static final IovaAnalysis IOVA = new IovaAnalysis();

  private IovaAnalysis() {}

  /**
   * The IOVA allocator.
   *
   * @param sources where IOVAs came from, all sources in their order
   * @param destinations where freed ones went, all destinations in their order
   * @param walk tree nodes stepped over by allocations from the tree
   * @param cacheFlushes failed allocations that flushed all caches
   * @param rangesFlushed ranges that these freed
   * @param depotTrims magazines that the depot worker freed
   * @param rangesTrimmed ranges in them
   * @param sizes by size order, those that occurred
   * @param pagesMax most granules allocated at once in a host, summed over hosts
   * @param tablesMax most page-table pages at once in a host, summed over hosts
   */
  public record Iova(
      List<SourceCount> sources,
      List<DestinationCount> destinations,
      Distribution walk,
      long cacheFlushes,
      long rangesFlushed,
      long depotTrims,
      long rangesTrimmed,
      List<SizeCount> sizes,
      long pagesMax,
      long tablesMax) {}

  /**
   * @param source label of the source
   * @param count allocations
   */
  public record SourceCount(String source, long count) {}

  /**
   * @param destination label of the destination
   * @param count ranges freed
   */
  public record DestinationCount(String destination, long count) {}

  /**
   * @param order log2 of the granules, rounded up
   * @param allocated allocations of that order
   * @param fromTree those of them that no cache answered
   */
  public record SizeCount(int order, long allocated, long fromTree) {}

  @Override
  public String name() {
    return "iova";
  }

  @Override
  public IovaFigures host(AnalysedHost host) {
    return new IovaFigures();
  }

  @Override
  public Iova result(Hosts hosts) {
    return IovaFigures.result(hosts.each(this));
  }

  @Override
  public void text(Results results, ReportPage page) {
    Iova iova = results.of(this);
    long allocated = iova.sources().stream().mapToLong(SourceCount::count).sum();
    long freed = iova.destinations().stream().mapToLong(DestinationCount::count).sum();
    if (allocated == 0) {
      return;
    }
    page.section("IOVA allocator");
    TextTable table = new TextTable("", ">ranges", ">share");
    for (SourceCount each : iova.sources()) {
      row(table, "from " + each.source(), each.count(), allocated);
    }
    for (DestinationCount each : iova.destinations()) {
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

  @Override
  public void figures(Results results, RunFigures into) {
    Iova iova = results.of(this);
    double allocated = iova.sources().stream().mapToLong(SourceCount::count).sum();
    if (allocated > 0) {
      CpuTimeAnalysis.perMapping(results.of(CpuTimeAnalysis.CPU_TIME), CpuTimeAnalysis.Spent::iovas)
          .ifPresent(
              iovas ->
                  into.add(
                      "IOVAs allocated per request", FigureUnit.COUNT, iovas, RunFigures.CAUSE));
      for (SourceCount source : iova.sources()) {
        into.add(
            "IOVAs from the " + source.source(),
            FigureUnit.PERCENT,
            100 * source.count() / allocated,
            RunFigures.CAUSE);
      }
    }
    if (iova.walk().count() > 0) {
      into.add(
          "tree nodes walked by a search, mean",
          FigureUnit.COUNT,
          (double) iova.walk().sum() / iova.walk().count(),
          RunFigures.DETAIL);
    }
    into.add("pages of IOVA space at most", FigureUnit.COUNT, iova.pagesMax(), RunFigures.DETAIL);
    into.add("page-table pages at most", FigureUnit.COUNT, iova.tablesMax(), RunFigures.DETAIL);
  }
}
