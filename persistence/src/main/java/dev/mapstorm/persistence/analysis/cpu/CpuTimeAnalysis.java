package dev.mapstorm.persistence.analysis.cpu;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/** What the calls of the DMA API and the flush timer took of the CPUs. */
public final class CpuTimeAnalysis implements Analysis<CallFigures, CpuTimeAnalysis.CpuTime> {
  /** The analysis. */
  public static final CpuTimeAnalysis CPU_TIME = new CpuTimeAnalysis();

  private static final String LOCKS = "  waiting for locks";
  private static final String UNIT = "  waiting for the unit";

  private CpuTimeAnalysis() {}

  /**
   * CPU time of the DMA API. Only calls that returned count, with what lies within them; a wait is
   * part of one sum at most.
   *
   * @param map calls that mapped something
   * @param unmap calls that took something back
   * @param timer callbacks of the flush timer; they have no pages and no requests
   * @param otherLockWaitNs waits for locks within none of these: of calls that failed or have not
   *     returned, and of the depot's worker
   */
  public record CpuTime(Work map, Work unmap, Work timer, long otherLockWaitNs) {}

  /**
   * One kind of calls.
   *
   * @param calls mappings made or taken back, or callbacks
   * @param pages granules of these mappings
   * @param total what the calls took
   * @param requests requests that have been through all their calls of this kind
   * @param ofRequests what the calls of these requests took
   */
  public record Work(long calls, long pages, Spent total, long requests, Spent ofRequests) {}

  /**
   * What calls took.
   *
   * @param ns CPU time
   * @param lockWaitNs of it waiting for locks
   * @param lockWaits the same by lock class, those that were waited for, in their order
   * @param unitWaitNs of it from posting invalidations to their completed waits, without the waits
   *     for the lock of the unit's queue
   * @param pageSelective page-selective invalidations among these
   * @param domainSelective domain-selective ones
   * @param pagesAsked granules to invalidate by page-selective ones
   * @param pagesCovered granules that these covered
   * @param dropped IOTLB entries that all dropped
   * @param iovas ranges of IOVA that were allocated for mappings
   */
  public record Spent(
      long ns,
      long lockWaitNs,
      List<LockTime> lockWaits,
      long unitWaitNs,
      long pageSelective,
      long domainSelective,
      long pagesAsked,
      long pagesCovered,
      long dropped,
      long iovas) {}

  /**
   * @param lock class of the lock
   * @param ns time
   */
  public record LockTime(String lock, long ns) {}

  @Override
  public String name() {
    return "cpuTime";
  }

  @Override
  public CallFigures host(AnalysedHost host) {
    return new CallFigures(host.inFlight());
  }

  @Override
  public CpuTime result(Hosts hosts) {
    long lockWaitsNs =
        hosts.of(LockAnalysis.LOCKS).stream().mapToLong(lock -> lock.use().waitsNs()).sum();
    return CallFigures.result(hosts.each(this), lockWaitsNs);
  }

  /** What the calls of the requests of each host's clients took, by host number. */
  public static List<ClientCalls> ofClients(Hosts hosts) {
    return hosts.each(CPU_TIME).stream().map(CallFigures::clients).toList();
  }

  /**
   * A part of what mapping a request took in the mean, over the requests that are mapped; empty
   * before there is one.
   */
  public static OptionalDouble perMapping(CpuTime cpu, ToLongFunction<Spent> part) {
    Work map = cpu.map();
    return map.requests() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) part.applyAsLong(map.ofRequests()) / map.requests());
  }

  /** The same of unmapping one. */
  private static OptionalDouble perUnmapping(CpuTime cpu, ToLongFunction<Spent> part) {
    return cpu.unmap().requests() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(perUnmapped(cpu, part.applyAsLong(cpu.unmap().ofRequests())));
  }

  /** Shared out over the requests that are unmapped. */
  private static double perUnmapped(CpuTime cpu, long sum) {
    return (double) sum / cpu.unmap().requests();
  }

  /**
   * A part of what mapping a request and unmapping one take together, with what the flush timer
   * does for it, since it frees what was unmapped; empty before there is one of each.
   */
  public static OptionalDouble perRequest(CpuTime cpu, ToLongFunction<Spent> part) {
    OptionalDouble mapping = perMapping(cpu, part);
    OptionalDouble unmapping = perUnmapping(cpu, part);
    if (mapping.isEmpty() || unmapping.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        mapping.getAsDouble()
            + unmapping.getAsDouble()
            + perUnmapped(cpu, part.applyAsLong(cpu.timer().total())));
  }

  /** Where the CPU time of the DMA API went: each kind of calls with what it waited for. */
  @Override
  public void text(Results results, ReportPage page) {
    CpuTime time = results.of(this);
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

  private static void callRows(TextTable table, String what, Work work, long all) {
    Spent own = work.total();
    Spent each = work.ofRequests();
    callRow(table, what, own.ns(), each.ns(), work, all);
    callRow(table, LOCKS, own.lockWaitNs(), each.lockWaitNs(), work, all);
    callRow(table, UNIT, own.unitWaitNs(), each.unitWaitNs(), work, all);
  }

  /** The flush timer frees what was unmapped: its time is shared out over that. */
  private static void timerRows(TextTable table, Spent timer, Work unmap, long all) {
    callRow(table, "flush timer", timer.ns(), timer.ns(), unmap, all);
    callRow(table, LOCKS, timer.lockWaitNs(), timer.lockWaitNs(), unmap, all);
    callRow(table, UNIT, timer.unitWaitNs(), timer.unitWaitNs(), unmap, all);
  }

  private static void callRow(
      TextTable table, String what, long ns, long ofRequests, Work over, long all) {
    if (ns > 0) {
      table.row(
          what,
          Units.time(ns),
          Units.percent(ns, all),
          ReportPage.each(ofRequests, over.requests()),
          ReportPage.each(ns, over.pages()));
    }
  }

  @Override
  public void figures(Results results, RunFigures into) {
    CpuTime cpu = results.of(this);
    OptionalDouble all = perRequest(cpu, Spent::ns);
    all.ifPresent(ns -> into.add("CPU time per request", FigureUnit.NS, ns, RunFigures.OUTCOME));
    double allNs = all.orElse(0);
    perMapping(cpu, Spent::ns).ifPresent(ns -> time(into, "map calls per request", ns, allNs));
    perUnmapping(cpu, Spent::ns)
        .ifPresent(
            ns -> {
              time(into, "unmap calls per request", ns, allNs);
              double timer = perUnmapped(cpu, cpu.timer().total().ns());
              time(into, "flush timer per request", timer, allNs);
            });
    if (all.isPresent()) {
      double unit = perRequest(cpu, Spent::unitWaitNs).orElse(0);
      time(into, "waiting for the unit per request", unit, allNs);
      for (LockAnalysis.Lock lock : results.of(LockAnalysis.LOCKS)) {
        String name = lock.lock();
        double waits = perRequest(cpu, spent -> waitNs(spent, name)).orElse(0);
        time(into, name + " waits per request", waits, allNs);
      }
      count(into, cpu, "page-selective invalidations", Spent::pageSelective, RunFigures.CAUSE);
      count(into, cpu, "domain-selective invalidations", Spent::domainSelective, RunFigures.CAUSE);
      count(into, cpu, "pages asked to invalidate", Spent::pagesAsked, RunFigures.DETAIL);
      count(into, cpu, "pages covered by them", Spent::pagesCovered, RunFigures.DETAIL);
      count(into, cpu, "IOTLB entries dropped", Spent::dropped, RunFigures.DETAIL);
    }
  }

  private static long waitNs(Spent spent, String lock) {
    return spent.lockWaits().stream()
        .filter(each -> each.lock().equals(lock))
        .mapToLong(LockTime::ns)
        .sum();
  }

  /** A part of the CPU time of a request: it matters as much as its share. */
  private static void time(RunFigures into, String name, double ns, double allNs) {
    double share = allNs == 0 ? 0 : Math.min(1, ns / allNs);
    into.add(name, FigureUnit.NS, ns, share * RunFigures.PART_OF_OUTCOME);
  }

  private static void count(
      RunFigures into, CpuTime cpu, String name, ToLongFunction<Spent> part, double weight) {
    into.add(name + " per request", FigureUnit.COUNT, perRequest(cpu, part).orElse(0), weight);
  }
}
