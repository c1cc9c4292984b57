package dev.mapstorm.load.scenario;

/**
 * Seeds of the hosts of a run: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) over the run's seed.
 */
final class HostSeeds {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private HostSeeds() {}

  /** The seed of a host: output number {@code host} of the generator that starts at {@code run}. */
  static long of(long run, int host) {
    long z = run + (host + 1) * GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
