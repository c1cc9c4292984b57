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
import java.util.Optional;

/** How locks were used, and which CPU waited for which. */
public final class LockAnalysis implements Analysis<LockFigures, List<LockAnalysis.Lock>> {
  /** The analysis. */
  public static final LockAnalysis LOCKS = new LockAnalysis();

  /** What the journal tells of sections one by one. */
  private static final long LONG_NS = 1_000_000;

  /**
   * {@code watchdog_thresh} seconds: a CPU that takes no interrupt for so long (kernel/watchdog.c).
   */
  private static final long HARD_LOCKUP_NS = 10_000_000_000L;

  /** Twice {@code watchdog_thresh}: a CPU that does not schedule. */
  public static final long SOFT_LOCKUP_NS = 2 * HARD_LOCKUP_NS;

  /** {@code CONFIG_RCU_CPU_STALL_TIMEOUT} seconds (kernel/rcu/Kconfig.debug). */
  private static final long RCU_STALL_NS = 21_000_000_000L;

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
   * @param longest the longest section, null when none was as long as {@link #LONG_NS}
   */
  public record LockUse(
      long acquisitions, long heldNs, long waits, long waitsNs, Wait worst, Hold longest) {}

  /**
   * A long section.
   *
   * @param heldNs how long
   * @param host on which host
   * @param cpu who held the lock
   * @param instance what the lock belongs to, in words
   * @param t instant of its event
   */
  public record Hold(long heldNs, int host, int cpu, String instance, long t) {}

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
    longest(locks, page);
    pairs(locks, page);
  }

  /** The longest section, beside what the kernel's watchdogs bear. */
  private static void longest(List<Lock> locks, ReportPage page) {
    Optional<Lock> longest =
        locks.stream()
            .filter(lock -> lock.use().longest() != null)
            .max(Comparator.comparingLong(lock -> lock.use().longest().heldNs()));
    if (longest.isEmpty()) {
      page.line("  no lock was held for %s or longer at once", Units.time(LONG_NS));
      return;
    }
    Hold hold = longest.get().use().longest();
    page.line(
        "  longest hold: %s of %s (%s) by cpu %d at %s",
        Units.time(hold.heldNs()),
        longest.get().lock(),
        hold.instance(),
        hold.cpu(),
        page.of(hold.host(), Units.instant(hold.t())));
    page.line(
        "  Linux reports a hard lockup after %s without interrupts, a soft lockup after %s, an RCU"
            + " stall after %s",
        Units.time(HARD_LOCKUP_NS), Units.time(SOFT_LOCKUP_NS), Units.time(RCU_STALL_NS));
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
      if (lock.use().longest() != null) {
        double longest = lock.use().longest().heldNs();
        into.add(lock.lock() + " held, longest", FigureUnit.NS, longest, RunFigures.DETAIL);
      }
      if (seconds > 0) {
        double rate = acquisitions / seconds;
        into.add(lock.lock() + " taken", FigureUnit.PER_SECOND, rate, RunFigures.DETAIL / 2);
      }
    }
  }
}
