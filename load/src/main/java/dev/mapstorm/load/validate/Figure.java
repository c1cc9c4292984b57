package dev.mapstorm.load.validate;

import java.util.function.ToDoubleFunction;

/** What is taken of an experiment, in the unit that published results have it in. */
public enum Figure {
  /** Mean time of a call that maps, in microseconds. */
  MAP(times -> us(times.maps().mean())),
  /** Mean time of a call that unmaps, in microseconds. */
  UNMAP(times -> us(times.unmaps().mean())),
  /** Both together, in microseconds. */
  CALLS(times -> us(times.maps().mean() + times.unmaps().mean())),
  /** Mean time of all calls that map a request, in microseconds. */
  MAP_REQUEST(times -> us(times.maps().sum()) / Math.max(1, times.requests())),
  /** Time between two requests that are done, in microseconds: the serial part at saturation. */
  SERIAL(times -> 1e6 / times.requestsPerSecond()),
  /** Mean latency of a request, in microseconds. */
  LATENCY(times -> us(times.latencies().mean())),
  /** Thousands of requests a second. */
  KIOPS(times -> times.requestsPerSecond() / 1e3),
  /** Millions of requests a second. */
  MIOPS(times -> times.requestsPerSecond() / 1e6),
  /** Megabytes a second. */
  MBPS(times -> times.bytesPerSecond() / 1e6),
  /** Gigabits a second. */
  GBPS(times -> times.bytesPerSecond() * 8 / 1e9),
  /** Pages that the IOTLB did not have, of each page. */
  MISSES(CallTimes::missesPerPage),
  /** Page-table reads of each of these. */
  READS(CallTimes::readsPerMiss);

  private final ToDoubleFunction<CallTimes> of;

  Figure(ToDoubleFunction<CallTimes> of) {
    this.of = of;
  }

  private static double us(double ns) {
    return ns / 1e3;
  }

  /** The figure of an experiment; not finite if nothing of the kind happened. */
  public double of(CallTimes times) {
    return of.applyAsDouble(times);
  }
}
