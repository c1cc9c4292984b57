package dev.mapstorm.protocol;

/**
 * How large a machine may be: what scenarios and traces are held to before a run begins, what
 * models refuse, and what has to fit a number in the journal ({@link LockClass#instance}).
 */
public final class Limits {
  /** CPUs of a machine, twice as many as Linux can be built for ({@code NR_CPUS} of x86). */
  public static final int CPUS = 16384;

  /** Devices of a machine, and so its domains. */
  public static final int DEVICES = 1024;

  /** Largest order of an IOVA range that is cached: 2^20 granules of 4 KiB are 4 GiB. */
  public static final int CACHED_ORDER = 20;

  private Limits() {}
}
