package dev.mapstorm.persistence.analysis.lock;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How locks were used, and which CPU waited for which. */
public final class LockAnalysis implements Analysis<LockFigures, List<LockAnalysis.Lock>> {
  /** The analysis. */
  public static final LockAnalysis LOCKS = new LockAnalysis();

  private LockAnalysis() {}

  /**
   * A class of locks, those with the longest waits first.
   *
   * @param lock row of the contention table and name in Linux
   * @param use all instances together
   * @param instances those with the longest waits first
   * @param pairs which CPU waited longest for which, over all instances; the top ones
   */
  public record Lock(String lock, LockUse use, List<LockInstance> instances, List<Pair> pairs) {}

  /**
   * Up to the host's last event: of what reaches beyond it, the part before counts.
   *
   * @param acquisitions how often it was taken
   * @param heldNs how long it was held in all
   * @param waits how often a CPU had to wait
   * @param waitsNs the sum of those waits
   * @param worst the longest wait, null when nobody waited
   */
  public record LockUse(long acquisitions, long heldNs, long waits, long waitsNs, Wait worst) {}

  /**
   * @param host its host
   * @param instance what the lock belongs to, in words
   * @param use of it
   */
  public record LockInstance(int host, String instance, LockUse use) {}

  /**
   * One wait for a lock.
   *
   * @param waitNs how long
   * @param host on which host
   * @param cpu who waited
   * @param holder for whom
   * @param t instant of its event
   */
  public record Wait(long waitNs, int host, int cpu, int holder, long t) {}

  /**
   * @param host on which host
   * @param instance of which lock
   * @param cpu who waited
   * @param holder for whom
   * @param waits how often
   * @param waitNs how long in all
   */
  public record Pair(int host, String instance, int cpu, int holder, long waits, long waitNs) {}

  @Override
  public String name() {
    return "locks";
  }

  @Override
  public LockFigures host(AnalysedHost host) {
    return new LockFigures(host.host(), host.inFlight());
  }

  /** By lock class, those with the longest waits first. */
  @Override
  public List<Lock> result(Hosts hosts) {
    List<ExtentAnalysis.Span> spans = ExtentAnalysis.spans(hosts);
    List<LockFigures> cut = new ArrayList<>();
    for (LockFigures host : hosts.each(this)) {
      ExtentAnalysis.Span span = spans.get(cut.size());
      cut.add(host.upTo(span.firstNs(), span.lastNs()));
    }
    return LockFigures.result(cut, hosts.options().top());
  }

  @Override
  public void text(Results results, ReportPage page) {
    List<Lock> locks = results.of(this);
    if (locks.isEmpty()) {
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
    for (Lock lock : locks) {
      row(table, lock.lock(), lock.use());
      if (lock.instances().size() > 1) {
        page.first(lock.instances()).stream()
            .filter(each -> each.use().waits() > 0)
            .forEach(each -> row(table, "  " + page.of(each.host(), each.instance()), each.use()));
      }
    }
    page.table(table);
    pairs(locks, page);
  }

  private static void row(TextTable table, String name, LockUse use) {
    Wait worst = use.worst();
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
  private record Meeting(Lock lock, Pair pair) {}

  private static void pairs(List<Lock> locks, ReportPage page) {
    List<Meeting> meetings = new ArrayList<>();
    for (Lock lock : locks) {
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
      Pair pair = each.pair;
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

  @Override
  public void figures(Results results, RunFigures into) {
    double seconds = results.of(ExtentAnalysis.EXTENT).spanNs() / 1e9;
    for (Lock lock : results.of(this)) {
      long acquisitions = lock.use().acquisitions();
      if (acquisitions > 0) {
        double held = (double) lock.use().heldNs() / acquisitions;
        into.add(lock.lock() + " held, mean", FigureUnit.NS, held, RunFigures.DETAIL);
      }
      if (seconds > 0) {
        double rate = acquisitions / seconds;
        into.add(lock.lock() + " taken", FigureUnit.PER_SECOND, rate, RunFigures.DETAIL / 2);
      }
    }
  }
}
