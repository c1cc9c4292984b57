package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.time.SplitMix;

/** Arrivals at a rate, with equal or exponential gaps. Not thread-safe. */
final class PacedArrivals implements Arrivals {
  private static final long NANOS = 1_000_000_000L;
  private static final double UNIT = 0x1.0p-53;

  private final LoadSpec.OpenLoop load;
  private final SplitMix random;
  private long remainder;
  private long expected;

  PacedArrivals(LoadSpec.OpenLoop load, long seed) {
    this.load = load;
    random = new SplitMix(seed);
  }

  @Override
  public boolean hasNext() {
    return load.requests() == 0 || expected < load.requests();
  }

  @Override
  public long gap(long now) {
    expected++;
    if (load.poisson()) {
      // StrictMath gives the same bits on every machine, and the result is rounded before anything
      // is added to it.
      double unit = ((random.next() >>> 11) + 1) * UNIT;
      return (long) (-StrictMath.log(unit) * (NANOS / load.perSecond()));
    }
    remainder += NANOS;
    long gap = remainder / load.perSecond();
    remainder %= load.perSecond();
    return gap;
  }
}
