package dev.mapstorm.load.compare;

import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.persistence.analysis.AnalysisResult;
import dev.mapstorm.persistence.analysis.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The figures of a run that can be held against those of another, also if one got further. What is
 * told per request is so of the requests that have been through it: mapped, unmapped (the flush
 * timer and what it does among that, since it frees what was unmapped), translated, done. Rates of
 * requests end with the last one done, so that the time behind requests that ran out does not
 * count.
 */
public final class RunFigures {
  private static final double OUTCOME = 1;
  private static final double PART_OF_OUTCOME = 0.5;
  private static final double CAUSE = 0.1;
  private static final double DETAIL = 0.04;

  private final List<Figure> figures = new ArrayList<>();
  private final AnalysisResult result;
  private final AnalysisResult.CpuTime cpu;
  private final double cpuNs;

  private RunFigures(AnalysisResult result) {
    this.result = result;
    cpu = result.cpuTime();
    cpuNs = perRequest(AnalysisResult.Spent::ns);
  }

  /** All figures of a run, in a fixed order. */
  static List<Figure> of(RunReport report) {
    return of(report.analysis());
  }

  /** All figures of what was found in a run, in a fixed order. */
  public static List<Figure> of(AnalysisResult result) {
    RunFigures of = new RunFigures(result);
    of.requests();
    of.cpu();
    of.locks();
    of.invalidations();
    of.exposure();
    of.translation();
    of.iova();
    return of.figures;
  }

  /** What mapping a request and unmapping one cost together; 0 before there is one of each. */
  private double perRequest(ToLongFunction<AnalysisResult.Spent> part) {
    return isEachOnce()
        ? mapping(part) + unmapping(part) + each(part.applyAsLong(cpu.timer().total()))
        : 0;
  }

  private boolean isEachOnce() {
    return cpu.map().requests() > 0 && cpu.unmap().requests() > 0;
  }

  private double mapping(ToLongFunction<AnalysisResult.Spent> part) {
    return (double) part.applyAsLong(cpu.map().ofRequests()) / cpu.map().requests();
  }

  private double unmapping(ToLongFunction<AnalysisResult.Spent> part) {
    return each(part.applyAsLong(cpu.unmap().ofRequests()));
  }

  /** Shared out over the requests that were unmapped. */
  private double each(double sum) {
    return sum / cpu.unmap().requests();
  }

  private void requests() {
    AnalysisResult.Client total = result.total();
    double seconds = (total.lastDoneNs() - result.run().firstNs()) / 1e9;
    if (seconds > 0) {
      add("requests done", Unit.PER_SECOND, total.done() / seconds, OUTCOME);
      add("throughput", Unit.BYTES_PER_SECOND, total.bytes() / seconds, OUTCOME);
    }
    add("failed calls", Unit.COUNT, total.mapFailures(), OUTCOME);
    add("faults", Unit.COUNT, total.faults(), OUTCOME);
    Distribution latency = total.latency();
    if (latency.count() > 0) {
      add("latency mean", Unit.NS, (double) latency.sum() / latency.count(), OUTCOME);
      add("latency p50", Unit.NS, latency.p50(), OUTCOME);
      add("latency p90", Unit.NS, latency.p90(), PART_OF_OUTCOME);
      add("latency p99", Unit.NS, latency.p99(), OUTCOME);
      add("latency p99.9", Unit.NS, latency.p999(), PART_OF_OUTCOME);
      add("latency max", Unit.NS, latency.max(), CAUSE);
    }
  }

  private void cpu() {
    if (isEachOnce()) {
      add("CPU time per request", Unit.NS, cpuNs, OUTCOME);
    }
    if (cpu.map().requests() > 0) {
      time("map calls per request", mapping(AnalysisResult.Spent::ns));
    }
    if (cpu.unmap().requests() > 0) {
      time("unmap calls per request", unmapping(AnalysisResult.Spent::ns));
      time("flush timer per request", each(cpu.timer().total().ns()));
    }
    if (isEachOnce()) {
      time("waiting for the unit per request", perRequest(AnalysisResult.Spent::unitWaitNs));
    }
  }

  private void locks() {
    double seconds = result.run().spanNs() / 1e9;
    for (AnalysisResult.Lock lock : result.locks()) {
      String name = lock.lock();
      if (isEachOnce()) {
        time(name + " waits per request", perRequest(spent -> waitNs(spent, name)));
      }
      if (lock.use().acquisitions() > 0) {
        double held = (double) lock.use().heldNs() / lock.use().acquisitions();
        add(name + " held, mean", Unit.NS, held, DETAIL);
      }
      if (seconds > 0) {
        double rate = lock.use().acquisitions() / seconds;
        add(name + " taken", Unit.PER_SECOND, rate, DETAIL / 2);
      }
    }
  }

  private static long waitNs(AnalysisResult.Spent spent, String lock) {
    return spent.lockWaits().stream()
        .filter(each -> each.lock().equals(lock))
        .mapToLong(AnalysisResult.LockTime::ns)
        .sum();
  }

  private void invalidations() {
    if (isEachOnce()) {
      count("page-selective invalidations", AnalysisResult.Spent::pageSelective, CAUSE);
      count("domain-selective invalidations", AnalysisResult.Spent::domainSelective, CAUSE);
      count("pages asked to invalidate", AnalysisResult.Spent::pagesAsked, DETAIL);
      count("pages covered by them", AnalysisResult.Spent::pagesCovered, DETAIL);
      count("IOTLB entries dropped", AnalysisResult.Spent::dropped, DETAIL);
    }
    distribution("invalidation latency", result.invalidations().latency(), CAUSE);
  }

  private void exposure() {
    distribution("exposed after unmapping, lazy", result.exposure().lazy(), CAUSE);
    distribution("exposed after unmapping, strict", result.exposure().strict(), CAUSE);
    double seconds = result.run().spanNs() / 1e9;
    for (AnalysisResult.ReasonCount reason : result.flushQueue().flushes()) {
      if (seconds > 0) {
        add("flushes by " + reason.reason(), Unit.PER_SECOND, reason.count() / seconds, DETAIL);
      }
    }
  }

  private void translation() {
    AnalysisResult.Device all = result.translation().total();
    if (all.pages() > 0) {
      add("IOTLB hits", Unit.PERCENT, 100.0 * all.hits() / all.pages(), PART_OF_OUTCOME);
    }
    if (all.translations() > 0) {
      double reads = (double) all.reads() / all.translations();
      double stall = (double) all.stallNs() / all.translations();
      add("page-table reads of devices per request", Unit.COUNT, reads, CAUSE);
      add("devices waiting for translations per request", Unit.NS, stall, CAUSE);
    }
  }

  private void iova() {
    AnalysisResult.Iova iova = result.iova();
    double allocated = iova.sources().stream().mapToLong(AnalysisResult.SourceCount::count).sum();
    if (allocated > 0) {
      if (cpu.map().requests() > 0) {
        double iovas = mapping(AnalysisResult.Spent::iovas);
        add("IOVAs allocated per request", Unit.COUNT, iovas, CAUSE);
      }
      for (AnalysisResult.SourceCount source : iova.sources()) {
        add(
            "IOVAs from the " + source.source(),
            Unit.PERCENT,
            100 * source.count() / allocated,
            CAUSE);
      }
    }
    if (iova.walk().count() > 0) {
      add(
          "tree nodes walked by a search, mean",
          Unit.COUNT,
          (double) iova.walk().sum() / iova.walk().count(),
          DETAIL);
    }
    add("pages of IOVA space at most", Unit.COUNT, iova.pagesMax(), DETAIL);
    add("page-table pages at most", Unit.COUNT, iova.tablesMax(), DETAIL);
  }

  private void distribution(String name, Distribution of, double weight) {
    if (of.count() > 0) {
      add(name + ", mean", Unit.NS, (double) of.sum() / of.count(), weight);
      add(name + ", p99", Unit.NS, of.p99(), weight);
      add(name + ", max", Unit.NS, of.max(), weight / 2);
    }
  }

  /** A part of the CPU time of a request: it matters as much as its share. */
  private void time(String name, double ns) {
    add(name, Unit.NS, ns, cpuNs == 0 ? 0 : Math.min(1, ns / cpuNs) * PART_OF_OUTCOME);
  }

  private void count(String name, ToLongFunction<AnalysisResult.Spent> part, double weight) {
    add(name + " per request", Unit.COUNT, perRequest(part), weight);
  }

  private void add(String name, Unit unit, double value, double weight) {
    figures.add(new Figure(name, unit, value, weight));
  }
}
