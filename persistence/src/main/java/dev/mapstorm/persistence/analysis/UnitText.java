package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The part of a {@link ReportText} about what CPUs meet on: locks, units, flush queues, storms. */
final class UnitText {
  private final AnalysisResult result;
  private final ReportPage page;

  UnitText(AnalysisResult result, ReportPage page) {
    this.result = result;
    this.page = page;
  }

  void write() {
    locks();
    pairs();
    invalidations();
    flushQueue();
    storms();
  }

  private void locks() {
    if (result.locks().isEmpty()) {
      return;
    }
    page.section("Locks");
    TextTable table =
        new TextTable(
            "lock",
            ">acquired",
            ">held",
            ">waited",
            ">waits",
            ">mean wait",
            ">worst",
            "cpu for cpu");
    for (AnalysisResult.Lock lock : result.locks()) {
      lockRow(table, lock.lock(), lock.use());
      if (lock.instances().size() > 1) {
        page.first(lock.instances()).stream()
            .filter(each -> each.use().waits() > 0)
            .forEach(
                each -> lockRow(table, "  " + page.of(each.host(), each.instance()), each.use()));
      }
    }
    page.table(table);
  }

  private static void lockRow(TextTable table, String name, AnalysisResult.LockUse use) {
    AnalysisResult.Wait worst = use.worst();
    table.row(
        name,
        Units.count(use.acquisitions()),
        Units.time(use.heldNs()),
        Units.time(use.waitsNs()),
        Units.count(use.waits()),
        ReportPage.each(use.waitsNs(), use.waits()),
        worst == null ? "-" : Units.time(worst.waitNs()),
        worst == null ? "" : worst.cpu() + " for " + worst.holder());
  }

  /** A pair and the lock that it met on. */
  private record Meeting(AnalysisResult.Lock lock, AnalysisResult.Pair pair) {}

  private void pairs() {
    List<Meeting> meetings = new ArrayList<>();
    for (AnalysisResult.Lock lock : result.locks()) {
      lock.pairs().forEach(pair -> meetings.add(new Meeting(lock, pair)));
    }
    if (meetings.isEmpty()) {
      return;
    }
    meetings.sort(Comparator.comparingLong((Meeting each) -> each.pair.waitNs()).reversed());
    page.section("Who waited for whom, longest first");
    TextTable table =
        new TextTable("lock", "of", ">cpu", ">for cpu", ">waits", ">total", ">of the lock's");
    for (Meeting each : page.first(meetings)) {
      AnalysisResult.Pair pair = each.pair;
      table.row(
          each.lock.lock(),
          page.of(pair.host(), pair.instance()),
          pair.cpu(),
          pair.holder(),
          Units.count(pair.waits()),
          Units.time(pair.waitNs()),
          Units.percent(pair.waitNs(), each.lock.use().waitsNs()));
    }
    page.table(table);
  }

  private void invalidations() {
    AnalysisResult.Invalidations all = result.invalidations();
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
    if (all.pagesAsked() > 0) {
      page.line(
          "  %s pages asked, %s covered: %s pages too many (x%s)",
          Units.count(all.pagesAsked()),
          Units.count(all.pagesCovered()),
          Units.count(all.pagesCovered() - all.pagesAsked()),
          Units.ratio(all.pagesCovered(), all.pagesAsked()));
    }
    AnalysisResult.Window worst = all.worstWindow();
    page.line(
        "  worst %s: %s posted, from %s",
        Units.time(worst.widthNs()),
        Units.count(worst.invalidations()),
        page.of(worst.host(), Units.instant(worst.startNs())));
    TextTable times = ReportPage.times();
    ReportPage.timesRow(times, "posted to completed", all.latency());
    if (result.exposure().strict().count() > 0) {
      ReportPage.timesRow(times, "exposed, strict", result.exposure().strict());
    }
    page.table(times);
    units(all.units());
  }

  private void units(List<AnalysisResult.Unit> units) {
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

  private void flushQueue() {
    AnalysisResult.FlushQueue queue = result.flushQueue();
    if (queue.queued() == 0) {
      return;
    }
    page.section("Flush queue");
    page.line(
        "  %s ranges (%s) queued; flushes: %s",
        Units.count(queue.queued()),
        Units.bytes(queue.queuedPages() << Granule.SHIFT),
        queue.flushes().stream()
            .map(each -> Units.count(each.count()) + " " + each.reason())
            .collect(Collectors.joining(", ")));
    page.line(
        "  a flush freed %s ranges in the mean, at most %s",
        Units.ratio(queue.freed().sum(), queue.freed().count()), Units.count(queue.freed().max()));
    page.line(
        "  at most %s ranges, %s, of a domain waited at once",
        Units.count(queue.waitingMax()), Units.bytes(queue.waitingPagesMax() << Granule.SHIFT));
    TextTable times = ReportPage.times();
    ReportPage.timesRow(times, "exposed, lazy", result.exposure().lazy());
    ReportPage.timesRow(times, "flush took", queue.took());
    page.table(times);
    exposed();
  }

  private void exposed() {
    AnalysisResult.Exposure exposure = result.exposure();
    AnalysisResult.Exposed worst = exposure.lazyWorst();
    if (worst != null) {
      page.line(
          "  longest exposed: %s at %s of domain %d, unmapped by client %d at %s",
          Units.things(worst.pages(), "page"),
          Units.address(worst.pfn()),
          worst.domain(),
          worst.client(),
          page.of(worst.host(), Units.instant(worst.clearedAt())));
    }
    if (exposure.stillQueued() > 0) {
      page.line(
          "  at the end %s ranges waited, the oldest for %s",
          Units.count(exposure.stillQueued()), Units.time(exposure.oldestNs()));
    }
  }

  private void storms() {
    AnalysisResult.Storms storms = result.storms();
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
    for (AnalysisResult.Storm storm : page.first(storms.largest())) {
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
  private static String clients(AnalysisResult.Storm storm) {
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
