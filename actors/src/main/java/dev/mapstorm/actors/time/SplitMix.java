package dev.mapstorm.actors.time;

/**
 * A random source whose whole state is one {@code long}: SplitMix64 (Steele, Lea, Flood, OOPSLA
 * 2014, figure 14). Each entity that decides by chance owns one, seeded from the host's seed, its
 * own number and the purpose, so that no decision depends on another entity's draws. Not
 * thread-safe.
 */
public final class SplitMix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** A source that starts from {@code seed}. */
  public SplitMix(long seed) {
    state = seed;
  }

  /** A seed for a part of something that has a seed. */
  public static long derive(long seed, long part) {
    return mix(mix(seed + GAMMA) ^ (part * 0xD1B54A32D192ED03L + 1));
  }

  /** The next 64 bits. */
  public long next() {
    state += GAMMA;
    return mix(state);
  }

  /** A number from 0 to {@code bound - 1}; the bias for bounds below 2^31 is under 2^-32. */
  public long below(long bound) {
    return Math.multiplyHigh(next() >>> 1, bound << 1);
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
