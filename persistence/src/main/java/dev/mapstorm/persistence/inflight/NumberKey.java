package dev.mapstorm.persistence.inflight;

/**
 * What is numbered within a domain or a unit (calls, mappings, invalidations) as one {@code long}.
 */
public final class NumberKey {
  private static final int NUMBER_BITS = 50;

  private NumberKey() {}

  /** The key of a number, below 2^50, of domain or unit {@code owner}. */
  public static long of(int owner, long number) {
    return (long) owner << NUMBER_BITS | number;
  }
}
