package dev.mapstorm.persistence.analysis.bounce;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.BounceResult;
import java.util.List;

/** Bounce buffers: what became of the bounces that were asked for, copies, and searches. */
public final class BounceAnalysis implements Analysis<BounceFigures, BounceAnalysis.Bounces> {
  /** The analysis. */
  public static final BounceAnalysis BOUNCES = new BounceAnalysis();

  /** log2 of the bytes of a slot (IO_TLB_SHIFT). */
  private static final int SLOT_SHIFT = 11;

  private BounceAnalysis() {}

  /**
   * Bounce buffers. Every bounce that is asked for is one search, whatever comes of it.
   *
   * @param results what became of those asked for, all results but {@code direct} in their order
   * @param buffers buffers whose bytes were copied to slots; a batch in one bounce has several
   * @param bytesIn bytes copied to slots
   * @param bytesBack bytes copied back
   * @param checked slots that the searches looked at
   * @param areas areas that they went through, each with its lock
   * @param usedMax most slots in use at once in a host, summed over hosts
   * @param poolsAdded pools that workers added
   */
  public record Bounces(
      List<ReasonCount> results,
      long buffers,
      long bytesIn,
      long bytesBack,
      long checked,
      long areas,
      long usedMax,
      long poolsAdded) {
    private long searches() {
      return results.stream().mapToLong(ReasonCount::count).sum();
    }

    private long failed() {
      long sum = 0;
      for (BounceResult result : BounceResult.values()) {
        if (result.failed()) {
          sum += count(result);
        }
      }
      return sum;
    }

    private long count(BounceResult result) {
      return results.stream()
          .filter(each -> each.reason().equals(result.label()))
          .mapToLong(ReasonCount::count)
          .sum();
    }
  }

  @Override
  public String name() {
    return "bounces";
  }

  @Override
  public BounceFigures host(AnalysedHost host) {
    return new BounceFigures();
  }

  @Override
  public Bounces result(Hosts hosts) {
    return BounceFigures.result(hosts.each(this));
  }

  @Override
  public void text(Results results, ReportPage page) {
    Bounces bounces = results.of(this);
    long searches = bounces.searches();
    if (searches == 0) {
      return;
    }
    page.section("Bounce buffers");
    TextTable table = new TextTable("", ">bounces", ">share");
    for (ReasonCount each : bounces.results()) {
      if (each.count() > 0) {
        table.row(each.reason(), Units.count(each.count()), Units.percent(each.count(), searches));
      }
    }
    page.table(table);
    page.line(
        "  %s of %s buffers copied in, %s copied back",
        Units.bytes(bounces.bytesIn()),
        Units.count(bounces.buffers()),
        Units.bytes(bounces.bytesBack()));
    page.line(
        "  a search looked at %s slots in %s areas in the mean",
        Units.ratio(bounces.checked(), searches), Units.ratio(bounces.areas(), searches));
    page.line(
        "  at most %s of slots in use, %s added",
        Units.bytes(bounces.usedMax() << SLOT_SHIFT), Units.things(bounces.poolsAdded(), "pool"));
  }

  @Override
  public void figures(Results results, RunFigures into) {
    Bounces bounces = results.of(this);
    long searches = bounces.searches();
    if (searches == 0) {
      return;
    }
    into.add("bounces asked for", FigureUnit.COUNT, searches, RunFigures.CAUSE);
    into.add(
        "bounces that found no slots",
        FigureUnit.PERCENT,
        100.0 * bounces.failed() / searches,
        RunFigures.CAUSE);
    into.add(
        "bytes bounced",
        FigureUnit.COUNT,
        bounces.bytesIn() + bounces.bytesBack(),
        RunFigures.CAUSE);
    into.add(
        "slots looked at by a search, mean",
        FigureUnit.COUNT,
        (double) bounces.checked() / searches,
        RunFigures.DETAIL);
    into.add("bounce slots at most", FigureUnit.COUNT, bounces.usedMax(), RunFigures.DETAIL);
  }
}
