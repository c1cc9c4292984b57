package dev.mapstorm.persistence.analysis;

import java.util.List;

/**
 * What the DMA calls of a host that have returned cost, and those of the requests that have been
 * through them. A request is mapped when all that it asked for is, and unmapped when nothing of it
 * is left; until then its calls count among the calls only.
 */
final class CallFigures {
  private final Tally map = new Tally();
  private final Tally unmap = new Tally();
  private final Tally timer = new Tally();

  /** The sums of one kind of work. */
  private static final class Tally {
    long times;
    long pages;
    long requests;
    final long[] cost = new long[CallCost.WORDS];
    final long[] ofRequests = new long[CallCost.WORDS];

    void add(Tally other) {
      times += other.times;
      pages += other.pages;
      requests += other.requests;
      CallCost.add(cost, 0, other.cost, 0);
      CallCost.add(ofRequests, 0, other.ofRequests, 0);
    }

    void returned(long pagesOfCall, long[] costOfCall) {
      times++;
      pages += pagesOfCall;
      CallCost.add(cost, 0, costOfCall, 0);
    }

    void request(long[] from, int at) {
      requests++;
      CallCost.add(ofRequests, 0, from, at);
    }

    AnalysisResult.Work result() {
      return new AnalysisResult.Work(
          times, pages, CallCost.spent(cost), requests, CallCost.spent(ofRequests));
    }
  }

  /** The calls that made a mapping of {@code pages} have returned. */
  void mapped(long pages, long[] cost) {
    map.returned(pages, cost);
  }

  /** The call that took back a mapping of {@code pages} has returned. */
  void unmapped(long pages, long[] cost) {
    unmap.returned(pages, cost);
  }

  /** A callback of the flush timer is over. */
  void timer(long[] cost) {
    timer.returned(0, cost);
  }

  /** A request is mapped; what its calls cost stands in {@code from} at {@code at}. */
  void requestMapped(long[] from, int at) {
    map.request(from, at);
  }

  /** A request is unmapped; what its unmapping calls cost stands in {@code from} at {@code at}. */
  void requestUnmapped(long[] from, int at) {
    unmap.request(from, at);
  }

  /**
   * All hosts together.
   *
   * @param lockWaitsNs all waits for locks, within calls or not
   */
  static AnalysisResult.CpuTime result(List<CallFigures> hosts, long lockWaitsNs) {
    CallFigures sum = new CallFigures();
    for (CallFigures host : hosts) {
      sum.map.add(host.map);
      sum.unmap.add(host.unmap);
      sum.timer.add(host.timer);
    }
    AnalysisResult.Work map = sum.map.result();
    AnalysisResult.Work unmap = sum.unmap.result();
    AnalysisResult.Work timer = sum.timer.result();
    return new AnalysisResult.CpuTime(
        map,
        unmap,
        timer,
        lockWaitsNs
            - map.total().lockWaitNs()
            - unmap.total().lockWaitNs()
            - timer.total().lockWaitNs());
  }
}
