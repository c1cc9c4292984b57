package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.TextTable;
import dev.mapstorm.persistence.replay.Units;

/**
 * An {@link AnalysisResult} as text for a terminal of 100 columns: what the time went to first, its
 * parts behind it. Sections without figures are left out. This class writes the requests and the
 * clients' side, {@link UnitText} what CPUs meet on, {@link MappingText} what mappings consist of.
 */
public final class ReportText {
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

  /** Where the CPU time of the DMA API went; the waits are part of the calls or of the timer. */
  private void callTime() {
    AnalysisResult.Client total = result.total();
    long stolen = result.stolen().stream().mapToLong(AnalysisResult.Stolen::ns).sum();
    long waits = result.locks().stream().mapToLong(lock -> lock.use().waitsNs()).sum();
    long all = total.mapCallNs() + total.unmapCallNs() + stolen;
    if (all == 0) {
      return;
    }
    page.section("CPU time of the DMA API");
    TextTable table = new TextTable("", ">total", ">share", ">per request", ">per page");
    callRow(table, "map calls", total.mapCallNs(), all);
    callRow(table, "unmap calls", total.unmapCallNs(), all);
    callRow(table, "flush timer", stolen, all);
    callRow(table, "  waiting for locks", waits, all);
    callRow(table, "  waiting for the unit", result.invalidations().latency().sum(), all);
    page.table(table);
  }

  private void callRow(TextTable table, String what, long ns, long all) {
    if (ns > 0) {
      table.row(
          what,
          Units.time(ns),
          Units.percent(ns, all),
          ReportPage.each(ns, result.total().done()),
          ReportPage.each(ns, result.total().mappedPages()));
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
                Units.time(each.latency().p50()),
                Units.time(each.latency().p99()),
                Units.time(each.latency().p999()),
                Units.time(each.latency().max()),
                ReportPage.each(each.mapCallNs(), each.done()),
                ReportPage.each(each.unmapCallNs(), each.done()),
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
