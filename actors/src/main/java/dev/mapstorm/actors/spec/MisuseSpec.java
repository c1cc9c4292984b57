package dev.mapstorm.actors.spec;

/**
 * What a device does wrong: the faults of firmware and wiring that are reported from the field.
 *
 * @param staleEvery of so many requests that it completes, it uses the first address of one again;
 *     0 for never
 * @param staleAfterNs how long after the completion it does so
 * @param writeEvery of so many requests whose memory it may only read, it writes to that of one; 0
 *     for never
 * @param addressBits bits of an address that it drives, {@link #MIN_BITS} to {@link #ALL_BITS}; the
 *     higher ones are lost. ASM1061 drives 43 (Linux 20730e9b2778)
 * @param answers invalidation requests of the unit that it answers, of a device with ATS; later
 *     ones never. {@link #ALWAYS} for all
 * @param present whether it is still found on its bus when it has not answered
 */
public record MisuseSpec(
    int staleEvery,
    long staleAfterNs,
    int writeEvery,
    int addressBits,
    long answers,
    boolean present) {
  /** No end of answers. */
  public static final long ALWAYS = Long.MAX_VALUE;

  /** Less than a granule of addresses is no device. */
  public static final int MIN_BITS = 20;

  /** All bits of an address. */
  public static final int ALL_BITS = 64;

  /** A device that does what it is told. */
  public static final MisuseSpec NONE = new MisuseSpec(0, 0, 0, ALL_BITS);

  /** A device that answers all invalidations. */
  public MisuseSpec(int staleEvery, long staleAfterNs, int writeEvery, int addressBits) {
    this(staleEvery, staleAfterNs, writeEvery, addressBits, ALWAYS, true);
  }

  /** Whether bits of an address are lost. */
  boolean cuts(long address) {
    return driven(address) != address;
  }

  /** The address that the device drives for one that it was given. */
  public long driven(long address) {
    return addressBits == ALL_BITS ? address : address & (1L << addressBits) - 1;
  }

  /**
   * The vectors that the device drives for those that it was given, pairs of address and length:
   * the same array if no bit is lost.
   */
  public long[] driven(long[] vectors) {
    long[] driven = vectors;
    for (int i = 0; i < vectors.length; i += 2) {
      if (cuts(vectors[i])) {
        driven = driven == vectors ? vectors.clone() : driven;
        driven[i] = driven(vectors[i]);
      }
    }
    return driven;
  }
}
