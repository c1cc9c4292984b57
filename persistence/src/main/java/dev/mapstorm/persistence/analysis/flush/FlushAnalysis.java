package dev.mapstorm.persistence.analysis.flush;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.cpu.StolenAnalysis;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The flush queues of lazy domains. */
public final class FlushAnalysis implements Analysis<FlushFigures, FlushAnalysis.FlushQueue> {
  /** The analysis. */
  public static final FlushAnalysis FLUSH_QUEUES = new FlushAnalysis();

  private FlushAnalysis() {}

  /**
   * Flush queues.
   *
   * @param queued ranges that entered a ring
   * @param queuedPages their granules
   * @param flushes by reason, all reasons
   * @param freed ranges reclaimed by a flush
   * @param took from start to end of a flush
   * @param waitingMax most ranges of one domain that waited for a flush at once
   * @param waitingPagesMax most granules of one domain that did
   */
  public record FlushQueue(
      long queued,
      long queuedPages,
      List<ReasonCount> flushes,
      Distribution freed,
      Distribution took,
      long waitingMax,
      long waitingPagesMax) {}

  @Override
  public String name() {
    return "flushQueue";
  }

  @Override
  public FlushFigures host(AnalysedHost host) {
    return new FlushFigures(host.inFlight());
  }

  @Override
  public FlushQueue result(Hosts hosts) {
    return FlushFigures.result(hosts.each(this), ExposureAnalysis.waiting(hosts));
  }

  @Override
  public void text(Results results, ReportPage page) {
    FlushQueue queue = results.of(this);
    if (queue.queued() == 0) {
      return;
    }
    ExposureAnalysis.Exposure exposure = results.of(ExposureAnalysis.EXPOSURE);
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
    longestTimer(results, page);
    TextTable times = ReportPage.times();
    ReportPage.timesRow(times, "exposed, lazy", exposure.lazy());
    ReportPage.timesRow(times, "flush took", queue.took());
    page.table(times);
    exposed(exposure, page);
  }

  /** How long the timer's callback kept a CPU from everything else, which the watchdog watches. */
  private static void longestTimer(Results results, ReportPage page) {
    results.of(StolenAnalysis.STOLEN).stream()
        .max(Comparator.comparingLong(StolenAnalysis.Stolen::longestNs))
        .ifPresent(
            longest ->
                page.line(
                    "  the timer kept cpu %s for at most %s at once; Linux reports a soft lockup"
                        + " after %s",
                    page.of(longest.host(), longest.cpu()),
                    Units.time(longest.longestNs()),
                    Units.time(LockAnalysis.SOFT_LOCKUP_NS)));
  }

  private static void exposed(ExposureAnalysis.Exposure exposure, ReportPage page) {
    ExposureAnalysis.Exposed worst = exposure.lazyWorst();
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

  @Override
  public void figures(Results results, RunFigures into) {
    double seconds = results.of(ExtentAnalysis.EXTENT).spanNs() / 1e9;
    for (ReasonCount reason : results.of(this).flushes()) {
      if (seconds > 0) {
        double rate = reason.count() / seconds;
        into.add("flushes by " + reason.reason(), FigureUnit.PER_SECOND, rate, RunFigures.DETAIL);
      }
    }
  }
}
