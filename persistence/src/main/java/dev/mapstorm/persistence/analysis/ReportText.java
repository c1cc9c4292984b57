package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;

/**
 * An {@link AnalysisResult} as text for a terminal of 100 columns: what the time went to first, its
 * parts behind it. Sections without figures are left out. This class writes the requests and the
 * clients' side, {@link UnitText} what CPUs meet on, {@link MappingText} what mappings consist of.
 */
public final class ReportText {
  private static final String LOCKS = "  waiting for locks";
  private static final String UNIT = "  waiting for the unit";

  private final AnalysisResult result;
  private final ReportPage page;

  private ReportText(AnalysisResult result, ReportPage page) {
    this.result = result;
    this.page = page;
  }

  /** The whole report; of each list at most {@code mostRows} rows. */
  public static String of(AnalysisResult result, int mostRows) {
    ReportPage page = new ReportPage(mostRows, result.run().hosts() > 1);
    ReportText out = new ReportText(result, page);
    out.run();
    out.callTime();
    out.clients();
    out.latency();
    new UnitText(result, page).write();
    new MappingText(result, page).write();
    return page.toString();
  }

  private void run() {
    AnalysisResult.Run run = result.run();
    AnalysisResult.Client total = result.total();
    page.line(
        "run       %s virtual, %s, %s events (%s requests, %s outcomes)",
        Units.time(run.spanNs()),
        Units.things(run.hosts(), "host"),
        Units.count(run.events()),
        Units.count(run.requests()),
        Units.count(run.outcomes()));
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

  /** Where the CPU time of the DMA API went: each kind of calls with what it waited for. */
  private void callTime() {
    AnalysisResult.CpuTime time = result.cpuTime();
    long all = time.map().total().ns() + time.unmap().total().ns() + time.timer().total().ns();
    if (all > 0) {
      page.section("CPU time of the DMA API");
      TextTable table = new TextTable("", ">total", ">share", ">per request", ">per page");
      callRows(table, "map calls", time.map(), all);
      callRows(table, "unmap calls", time.unmap(), all);
      timerRows(table, time.timer().total(), time.unmap(), all);
      page.table(table);
    }
    if (time.otherLockWaitNs() > 0) {
      page.line(
          "  not counted: %s of waiting for locks, in calls that failed or had not returned",
          Units.time(time.otherLockWaitNs()));
    }
  }

  private static void callRows(TextTable table, String what, AnalysisResult.Work work, long all) {
    AnalysisResult.Spent own = work.total();
    AnalysisResult.Spent each = work.ofRequests();
    callRow(table, what, own.ns(), each.ns(), work, all);
    callRow(table, LOCKS, own.lockWaitNs(), each.lockWaitNs(), work, all);
    callRow(table, UNIT, own.unitWaitNs(), each.unitWaitNs(), work, all);
  }

  /** The flush timer frees what was unmapped: its time is shared out over that. */
  private static void timerRows(
      TextTable table, AnalysisResult.Spent timer, AnalysisResult.Work unmap, long all) {
    callRow(table, "flush timer", timer.ns(), timer.ns(), unmap, all);
    callRow(table, LOCKS, timer.lockWaitNs(), timer.lockWaitNs(), unmap, all);
    callRow(table, UNIT, timer.unitWaitNs(), timer.unitWaitNs(), unmap, all);
  }

  private static void callRow(
      TextTable table, String what, long ns, long ofRequests, AnalysisResult.Work over, long all) {
    if (ns > 0) {
      table.row(
          what,
          Units.time(ns),
          Units.percent(ns, all),
          ReportPage.each(ofRequests, over.requests()),
          ReportPage.each(ns, over.pages()));
    }
  }

  private void clients() {
    if (result.clients().isEmpty()) {
      return;
    }
    page.section("Clients");
    TextTable table =
        new TextTable(
            ">client",
            ">done/s",
            ">bytes/s",
            ">p50",
            ">p99",
            ">p99.9",
            ">max",
            ">map/op",
            ">unmap/op",
            ">failed");
    page.table(
        table,
        result.clients(),
        each ->
            table.row(
                page.of(each.host(), each.client()),
                Units.count(each.donePerSecond()),
                Units.bytes(each.bytesPerSecond()),
                ReportPage.time(each.latency(), each.latency().p50()),
                ReportPage.time(each.latency(), each.latency().p99()),
                ReportPage.time(each.latency(), each.latency().p999()),
                ReportPage.time(each.latency(), each.latency().max()),
                ReportPage.each(each.requestsMappedNs(), each.requestsMapped()),
                ReportPage.each(each.requestsUnmappedNs(), each.requestsUnmapped()),
                Units.count(each.mapFailures() + each.faults())));
  }

  private void latency() {
    for (AnalysisResult.Latency kind : result.latency()) {
      page.section(
          "Latency of %s %s requests (%s)",
          kind.api(), kind.direction(), Units.count(kind.total().count()));
      TextTable table = new TextTable("", ">share", ">mean", ">p50", ">p99", ">p99.9", ">max");
      for (AnalysisResult.Phase phase : kind.phases()) {
        if (phase.time().sum() > 0) {
          latencyRow(table, phase.phase(), phase.time(), kind.total().sum());
        }
      }
      latencyRow(table, "total", kind.total(), kind.total().sum());
      page.table(table);
      if (kind.stallNs() > 0) {
        page.line(
            "  devices waited %s of it for translations (%s)",
            Units.time(kind.stallNs()), Units.percent(kind.stallNs(), kind.total().sum()));
      }
    }
  }

  private static void latencyRow(TextTable table, String what, Distribution d, long all) {
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
