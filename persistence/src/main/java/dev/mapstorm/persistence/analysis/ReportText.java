package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.TextTable;
import dev.mapstorm.persistence.replay.Units;
import java.util.List;

/**
 * An {@link AnalysisResult} as text for a terminal of 100 columns: what the time went to first, its
 * parts behind it. Sections without figures are left out.
 */
public final class ReportText {
  private final AnalysisResult result;
  private final int mostRows;
  private final StringBuilder text = new StringBuilder();

  private ReportText(AnalysisResult result, int mostRows) {
    this.result = result;
    this.mostRows = mostRows;
  }

  /** The whole report; of each list at most {@code mostRows} rows. */
  public static String of(AnalysisResult result, int mostRows) {
    ReportText out = new ReportText(result, mostRows);
    out.run();
    out.callTime();
    out.clients();
    out.latency();
    out.locks();
    out.invalidations();
    out.flushQueue();
    out.storms();
    out.iova();
    out.translation();
    out.batchSizing();
    return out.text.toString();
  }

  private void line(String format, Object... arguments) {
    text.append(format.formatted(arguments)).append('\n');
  }

  private void section(String title) {
    text.append('\n').append(title).append('\n');
  }

  /** As many of the rows as a list may show. */
  private <T> List<T> first(List<T> rows) {
    return rows.subList(0, Math.min(mostRows, rows.size()));
  }

  private void more(List<?> rows) {
    if (rows.size() > mostRows) {
      line("  ... and %d more", rows.size() - mostRows);
    }
  }

  private void run() {
    AnalysisResult.Run run = result.run();
    AnalysisResult.Client total = result.total();
    line(
        "run       %s virtual, %d host%s, %s events (%s requests, %s outcomes)",
        Units.time(run.spanNs()),
        run.hosts(),
        run.hosts() == 1 ? "" : "s",
        Units.count(run.events()),
        Units.count(run.requests()),
        Units.count(run.outcomes()));
    line(
        "requests  %s asked, %s done (%s/s), %s/s, %s failed calls, %s faults",
        Units.count(total.requested()),
        Units.count(total.done()),
        Units.count(total.donePerSecond()),
        Units.bytes(total.bytesPerSecond()),
        Units.count(total.mapFailures()),
        Units.count(total.faults()));
    if (total.done() > 0) {
      line("latency   %s", percentiles(total.latency()));
    }
  }

  private static String percentiles(Distribution d) {
    return "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s"
        .formatted(
            Units.time(d.p50()),
            Units.time(d.p90()),
            Units.time(d.p99()),
            Units.time(d.p999()),
            Units.time(d.max()));
  }

  /** Where the CPU time of the DMA API went; waits are within the calls, or in stolen time. */
  private void callTime() {
    AnalysisResult.Client total = result.total();
    long stolen = result.stolen().stream().mapToLong(AnalysisResult.Stolen::ns).sum();
    long waits = result.locks().stream().mapToLong(lock -> lock.use().waitsNs()).sum();
    long invalidating = result.invalidations().latency().sum();
    long all = total.mapCallNs() + total.unmapCallNs() + stolen;
    if (all == 0) {
      return;
    }
    section("CPU time of the DMA API");
    TextTable table = new TextTable("", ">total", ">share", ">per request", ">per page");
    callRow(table, "map calls", total.mapCallNs(), all);
    callRow(table, "unmap calls", total.unmapCallNs(), all);
    callRow(table, "flush timer", stolen, all);
    callRow(table, "of it: invalidations", invalidating, all);
    callRow(table, "of it: lock waits", waits, all);
    text.append(table);
  }

  private void callRow(TextTable table, String what, long ns, long all) {
    AnalysisResult.Client total = result.total();
    table.row(
        what,
        Units.time(ns),
        Units.percent(ns, all),
        each(ns, total.done()),
        each(ns, total.mappedPages()));
  }

  private static String each(long ns, long count) {
    return count == 0 ? "-" : Units.picoseconds(Ratio.picosecondsEach(ns, count));
  }

  private void clients() {
    List<AnalysisResult.Client> clients = result.clients();
    if (clients.isEmpty()) {
      return;
    }
    section("Clients");
    TextTable table =
        new TextTable(
            "host.client",
            ">done/s",
            ">bytes/s",
            ">p50",
            ">p99",
            ">max",
            ">map/op",
            ">unmap/op",
            ">failed");
    for (AnalysisResult.Client each : first(clients)) {
      table.row(
          each.host() + "." + each.client(),
          Units.count(each.donePerSecond()),
          Units.bytes(each.bytesPerSecond()),
          Units.time(each.latency().p50()),
          Units.time(each.latency().p99()),
          Units.time(each.latency().max()),
          each(each.mapCallNs(), each.done()),
          each(each.unmapCallNs(), each.done()),
          each.mapFailures() + each.faults());
    }
    text.append(table);
    more(clients);
  }

  private void latency() {
    for (AnalysisResult.Latency kind : result.latency()) {
      section(
          "Latency of %s %s requests (%s)"
              .formatted(kind.api(), kind.direction(), Units.count(kind.total().count())));
      TextTable table = new TextTable("", ">share", ">mean", ">p50", ">p99", ">max");
      for (AnalysisResult.Phase phase : kind.phases()) {
        if (phase.time().sum() > 0) {
          latencyRow(table, phase.phase(), phase.time(), kind.total().sum());
        }
      }
      latencyRow(table, "total", kind.total(), kind.total().sum());
      text.append(table);
      line(
          "  devices waited %s of it for translations (%s)",
          Units.time(kind.stallNs()), Units.percent(kind.stallNs(), kind.total().sum()));
    }
  }

  private static void latencyRow(TextTable table, String what, Distribution d, long all) {
    table.row(
        what,
        Units.percent(d.sum(), all),
        Units.time(d.mean()),
        Units.time(d.p50()),
        Units.time(d.p99()),
        Units.time(d.max()));
  }

  private void locks() {
    if (result.locks().isEmpty()) {
      return;
    }
    section("Locks");
    TextTable table =
        new TextTable(
            "lock",
            ">acquired",
            ">held",
            ">waited",
            ">waits",
            ">mean wait",
            ">worst",
            "cpu < holder");
    for (AnalysisResult.Lock lock : result.locks()) {
      lockRow(table, lock.lock(), lock.use());
      List<AnalysisResult.LockInstance> contended =
          lock.instances().stream().filter(each -> each.use().waits() > 0).toList();
      if (lock.instances().size() > 1) {
        for (AnalysisResult.LockInstance each : first(contended)) {
          lockRow(table, "  " + hostOf(each.host()) + each.instance(), each.use());
        }
      }
    }
    text.append(table);
    pairs();
  }

  private String hostOf(int host) {
    return result.run().hosts() > 1 ? "host " + host + " " : "";
  }

  private static void lockRow(TextTable table, String name, AnalysisResult.LockUse use) {
    AnalysisResult.Wait worst = use.worst();
    table.row(
        name,
        Units.count(use.acquisitions()),
        Units.time(use.heldNs()),
        Units.time(use.waitsNs()),
        Units.count(use.waits()),
        use.waits() == 0 ? "-" : Units.time(use.waitsNs() / use.waits()),
        worst == null ? "-" : Units.time(worst.waitNs()),
        worst == null ? "" : worst.cpu() + " < " + worst.holder());
  }

  private void pairs() {
    TextTable table =
        new TextTable("lock", "instance", ">cpu", ">waited for", ">waits", ">total", ">share");
    for (AnalysisResult.Lock lock : result.locks()) {
      for (AnalysisResult.Pair pair : first(lock.pairs())) {
        table.row(
            lock.lock(),
            hostOf(pair.host()) + pair.instance(),
            pair.cpu(),
            pair.holder(),
            Units.count(pair.waits()),
            Units.time(pair.waitNs()),
            Units.percent(pair.waitNs(), lock.use().waitsNs()));
      }
    }
    if (!table.isEmpty()) {
      section("Who waited for whom");
      text.append(table);
    }
  }

  private void invalidations() {
    AnalysisResult.Invalidations all = result.invalidations();
    long posted = all.pageSelective() + all.domainSelective();
    if (posted == 0) {
      return;
    }
    section("Invalidations");
    line(
        "  %s posted (%s/s): %s page-selective, %s domain-selective; %s IOTLB entries dropped",
        Units.count(posted),
        Units.count(all.perSecond()),
        Units.count(all.pageSelective()),
        Units.count(all.domainSelective()),
        Units.count(all.dropped()));
    if (all.pagesAsked() > 0) {
      line(
          "  %s pages asked, %s covered: %s pages too many (x%s)",
          Units.count(all.pagesAsked()),
          Units.count(all.pagesCovered()),
          Units.count(all.pagesCovered() - all.pagesAsked()),
          Units.ratio(all.pagesCovered(), all.pagesAsked()));
    }
    line("  latency  mean %s  %s", Units.time(all.latency().mean()), percentiles(all.latency()));
    AnalysisResult.Window worst = all.worstWindow();
    line(
        "  worst %s: %s posted, from %s",
        Units.time(worst.widthNs()),
        Units.count(worst.invalidations()),
        at(worst.host(), worst.startNs()));
    TextTable table =
        new TextTable("host.unit", ">posted", ">in flight max", ">mean", ">p99", ">max");
    for (AnalysisResult.Unit unit : first(all.units())) {
      table.row(
          unit.host() + "." + unit.iommu(),
          Units.count(unit.posted()),
          unit.inFlightMax(),
          Units.time(unit.latency().mean()),
          Units.time(unit.latency().p99()),
          Units.time(unit.latency().max()));
    }
    text.append(table);
    more(all.units());
    if (result.exposure().strict().count() > 0) {
      line(
          "  strict exposure, cleared to invalidated: %s", percentiles(result.exposure().strict()));
    }
  }

  private String at(int host, long t) {
    return hostOf(host) + Units.instant(t);
  }

  private void flushQueue() {
    AnalysisResult.FlushQueue queue = result.flushQueue();
    AnalysisResult.Exposure exposure = result.exposure();
    if (queue.queued() == 0) {
      return;
    }
    section("Flush queue");
    StringBuilder reasons = new StringBuilder();
    for (AnalysisResult.ReasonCount reason : queue.flushes()) {
      reasons.append(reasons.isEmpty() ? "" : ", ");
      reasons.append(Units.count(reason.count())).append(' ').append(reason.reason());
    }
    line(
        "  %s ranges (%s) queued; flushes: %s",
        Units.count(queue.queued()), Units.bytes(queue.queuedPages() << 12), reasons);
    line(
        "  a flush freed %s ranges (max %s) and took %s (max %s)",
        Units.ratio(queue.freed().sum(), queue.freed().count()),
        Units.count(queue.freed().max()),
        Units.time(queue.took().mean()),
        Units.time(queue.took().max()));
    line(
        "  at most %s ranges, %s, of a domain waited at once",
        Units.count(queue.waitingMax()), Units.bytes(queue.waitingPagesMax() << 12));
    line(
        "  lazy exposure  mean %s  %s",
        Units.time(exposure.lazy().mean()), percentiles(exposure.lazy()));
    AnalysisResult.Exposed worst = exposure.lazyWorst();
    if (worst != null) {
      line(
          "  the longest: %d pages at %s of domain %d, unmapped by client %d at %s",
          worst.pages(),
          Units.address(worst.pfn()),
          worst.domain(),
          worst.client(),
          at(worst.host(), worst.clearedAt()));
    }
    if (exposure.stillQueued() > 0) {
      line(
          "  at the end %s ranges still waited, the oldest for %s",
          Units.count(exposure.stillQueued()), Units.time(exposure.oldestNs()));
    }
  }

  private void storms() {
    AnalysisResult.Storms storms = result.storms();
    if (storms.found() == 0) {
      return;
    }
    section(
        "Invalidation storms: %d (windows of %s above %d medians and %d)"
            .formatted(
                storms.found(),
                Units.time(storms.options().windowNs()),
                storms.options().stormFactor(),
                storms.options().stormFloor()));
    TextTable table =
        new TextTable(">from", ">lasted", ">posted", ">peak", ">median", "by client", "by reason");
    for (AnalysisResult.Storm storm : first(storms.largest())) {
      table.row(
          at(storm.host(), storm.startNs()),
          Units.time(storm.endNs() - storm.startNs()),
          Units.count(storm.invalidations()),
          Units.count(storm.peak()),
          Units.count(storm.median()),
          shares(storm),
          Units.percent(storm.reasons().get(0).count(), storm.invalidations())
              + " "
              + storm.reasons().get(0).reason());
    }
    text.append(table);
    if (storms.found() > Math.min(mostRows, storms.largest().size())) {
      line("  ... and %d more", storms.found() - Math.min(mostRows, storms.largest().size()));
    }
  }

  private static String shares(AnalysisResult.Storm storm) {
    StringBuilder shares = new StringBuilder();
    for (AnalysisResult.ClientShare each :
        storm.clients().subList(0, Math.min(2, storm.clients().size()))) {
      shares.append(shares.isEmpty() ? "" : ", ");
      shares
          .append(each.client() < 0 ? "none" : String.valueOf(each.client()))
          .append(' ')
          .append(Units.percent(each.invalidations(), storm.invalidations()));
    }
    return shares.toString();
  }

  private void iova() {
    AnalysisResult.Iova iova = result.iova();
    long allocated = iova.sources().stream().mapToLong(AnalysisResult.SourceCount::count).sum();
    if (allocated == 0) {
      return;
    }
    long freed =
        iova.destinations().stream().mapToLong(AnalysisResult.DestinationCount::count).sum();
    section("IOVA allocator");
    TextTable table = new TextTable("allocated from", ">ranges", ">share");
    for (AnalysisResult.SourceCount each : iova.sources()) {
      table.row(each.source(), Units.count(each.count()), Units.percent(each.count(), allocated));
    }
    text.append(table);
    table = new TextTable("freed to", ">ranges", ">share");
    for (AnalysisResult.DestinationCount each : iova.destinations()) {
      table.row(each.destination(), Units.count(each.count()), Units.percent(each.count(), freed));
    }
    text.append(table);
    table = new TextTable(">pages up to", ">allocated", ">past the caches");
    for (AnalysisResult.SizeCount each : iova.sizes()) {
      table.row(
          1L << each.order(),
          Units.count(each.allocated()),
          Units.percent(each.fromTree(), each.allocated()));
    }
    text.append(table);
    Distribution walk = iova.walk();
    line(
        "  tree walks: %s nodes in the mean, p50 %d, p99 %d, max %d",
        Units.ratio(walk.sum(), walk.count()), walk.p50(), walk.p99(), walk.max());
    line(
        "  cache flushes %d (%s ranges), depot trims %d (%s ranges)",
        iova.cacheFlushes(),
        Units.count(iova.rangesFlushed()),
        iova.depotTrims(),
        Units.count(iova.rangesTrimmed()));
    line(
        "  at most %s of IOVA in use, %s of page tables",
        Units.bytes(iova.pagesMax() << 12), Units.bytes(iova.tablesMax() << 12));
  }

  private void translation() {
    AnalysisResult.Device total = result.translation().total();
    if (total.translations() == 0 && total.faults() == 0) {
      return;
    }
    section("Devices");
    TextTable table =
        new TextTable(
            "host.device",
            ">requests",
            ">pages",
            ">IOTLB hits",
            ">reads/page",
            ">stall/request",
            ">stall max",
            ">faults");
    List<AnalysisResult.Device> devices = result.translation().devices();
    for (AnalysisResult.Device each : first(devices)) {
      table.row(
          each.host() + "." + each.device(),
          Units.count(each.translations()),
          Units.count(each.pages()),
          Units.percent(each.hits(), each.pages()),
          Units.ratio(each.reads(), each.pages()),
          each(each.stallNs(), each.translations()),
          Units.time(each.stallMaxNs()),
          each.faults());
    }
    text.append(table);
    more(devices);
    for (AnalysisResult.ErrorCount error : result.translation().faults()) {
      line("  %s: %s", error.error(), Units.count(error.count()));
    }
  }

  private void batchSizing() {
    for (AnalysisResult.BatchSizes api : result.batchSizing()) {
      if (api.bestPages() == 0) {
        continue;
      }
      section(
          "Cost of %s mappings by size: best at %d pages, within 10 %% of it from %d pages"
              .formatted(api.api(), api.bestPages(), api.kneePages()));
      TextTable table =
          new TextTable(
              ">pages", ">mappings", ">map/page", ">unmap/page", ">both/page", ">p50", ">p99", "");
      for (AnalysisResult.BatchSize size : first(api.sizes())) {
        long pages = size.mappings() * size.pages();
        table.row(
            size.pages(),
            Units.count(size.mappings()),
            each(size.mapCallNs(), pages),
            each(size.unmapCallNs(), pages),
            each(size.mapCallNs() + size.unmapCallNs(), pages),
            Units.time(size.latency().p50()),
            Units.time(size.latency().p99()),
            size.pages() == api.kneePages()
                ? "knee"
                : size.pages() == api.bestPages() ? "best" : "");
      }
      text.append(table);
      more(api.sizes());
    }
  }
}
