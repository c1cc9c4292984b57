package dev.mapstorm.load.compare;

import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.persistence.analysis.AnalysisResult;
import dev.mapstorm.persistence.analysis.Distribution;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of a run that can be held against those of another. Sums are shared out over the
 * requests done, so that runs that got further than others can be compared; rates end with the last
 * request done, so that the time behind requests that ran out does not count.
 */
final class RunFigures {
  private static final double OUTCOME = 1;
  private static final double PART_OF_OUTCOME = 0.5;
  private static final double CAUSE = 0.1;
  private static final double DETAIL = 0.04;

  private final List<Figure> figures = new ArrayList<>();
  private final AnalysisResult result;
  private final double done;
  private final double cpuNs;

  private RunFigures(AnalysisResult result) {
    this.result = result;
    done = result.total().done();
    cpuNs = result.total().mapCallNs() + result.total().unmapCallNs() + stolenNs();
  }

  /** All figures of a run, in a fixed order. */
  static List<Figure> of(RunReport report) {
    RunFigures of = new RunFigures(report.analysis());
    of.requests();
    of.cpu();
    of.locks();
    of.invalidations();
    of.exposure();
    of.translation();
    of.iova();
    return of.figures;
  }

  private double stolenNs() {
    return result.stolen().stream().mapToLong(AnalysisResult.Stolen::ns).sum();
  }

  private void requests() {
    AnalysisResult.Client total = result.total();
    double seconds = (total.lastDoneNs() - result.run().firstNs()) / 1e9;
    if (seconds > 0) {
      add("requests done", Unit.PER_SECOND, done / seconds, OUTCOME);
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
    each("CPU time per request", Unit.NS, cpuNs, OUTCOME);
    timeEach("map calls per request", result.total().mapCallNs());
    timeEach("unmap calls per request", result.total().unmapCallNs());
    timeEach("flush timer per request", stolenNs());
  }

  private void locks() {
    for (AnalysisResult.Lock lock : result.locks()) {
      timeEach(lock.lock() + " waits per request", lock.use().waitsNs());
      timeEach(lock.lock() + " held per request", lock.use().heldNs());
      each(lock.lock() + " taken per request", Unit.COUNT, lock.use().acquisitions(), DETAIL / 2);
    }
  }

  private void invalidations() {
    AnalysisResult.Invalidations all = result.invalidations();
    each("page-selective invalidations per request", Unit.COUNT, all.pageSelective(), CAUSE);
    each("domain-selective invalidations per request", Unit.COUNT, all.domainSelective(), CAUSE);
    each("pages asked to invalidate per request", Unit.COUNT, all.pagesAsked(), DETAIL);
    each("pages covered by them per request", Unit.COUNT, all.pagesCovered(), DETAIL);
    each("IOTLB entries dropped per request", Unit.COUNT, all.dropped(), DETAIL);
    timeEach("waiting for the unit per request", all.latency().sum());
    distribution("invalidation latency", all.latency(), CAUSE);
  }

  private void exposure() {
    distribution("exposed after unmapping, lazy", result.exposure().lazy(), CAUSE);
    distribution("exposed after unmapping, strict", result.exposure().strict(), CAUSE);
    for (AnalysisResult.ReasonCount reason : result.flushQueue().flushes()) {
      each("flushes by " + reason.reason() + " per request", Unit.COUNT, reason.count(), DETAIL);
    }
  }

  private void translation() {
    AnalysisResult.Device all = result.translation().total();
    if (all.pages() > 0) {
      add("IOTLB hits", Unit.PERCENT, 100.0 * all.hits() / all.pages(), PART_OF_OUTCOME);
    }
    each("page-table reads of devices per request", Unit.COUNT, all.reads(), CAUSE);
    each("devices waiting for translations per request", Unit.NS, all.stallNs(), CAUSE);
  }

  private void iova() {
    AnalysisResult.Iova iova = result.iova();
    double allocated = iova.sources().stream().mapToLong(AnalysisResult.SourceCount::count).sum();
    if (allocated > 0) {
      each("IOVAs allocated per request", Unit.COUNT, allocated, CAUSE);
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

  /** A part of the CPU time: it matters as much as its share. */
  private void timeEach(String name, double ns) {
    each(name, Unit.NS, ns, cpuNs == 0 ? 0 : Math.min(1, ns / cpuNs) * PART_OF_OUTCOME);
  }

  private void each(String name, Unit unit, double sum, double weight) {
    if (done > 0) {
      add(name, unit, sum / done, weight);
    }
  }

  private void add(String name, Unit unit, double value, double weight) {
    figures.add(new Figure(name, unit, value, weight));
  }
}
