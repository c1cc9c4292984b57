package dev.mapstorm.actors.spec;

/**
 * What the steps cost that all machines have, in virtual nanoseconds, none negative. One figure a
 * step. With the costs of a unit and of a backend, which stand in records of their own, they are
 * the only place where time comes from besides the device. The figures and their sources stand in
 * the platform profiles.
 *
 * @param mapCall entering and leaving a mapping call, apart from its parts
 * @param unmapCall entering and leaving an unmapping call, apart from its parts
 * @param ptePrepare descending to the first entry of a run to write
 * @param unmapPrepare descending to the first entry of a run to clear
 * @param pteWrite writing one entry
 * @param pteClear clearing one entry
 * @param tableAlloc allocating and linking one page-table page
 * @param iotlbHit translating with an IOTLB hit
 * @param walkRead one page-table read of a page walk
 * @param walkReads reads a walk needs when only the last level misses the paging-structure caches
 * @param walkers page walks that a unit has under way at a time, 1 to 64
 * @param lockHandover until a CPU has the cache line of a lock that another one of its node had
 *     last
 * @param lockHandoverFar the same from a CPU of another node
 * @param lockContender what each further CPU that waits adds to that
 * @param remoteUnit what it takes longer to have a unit of another node told, and to see that it is
 *     done
 * @param submit building a command, apart from mapping
 * @param doorbell the posted write to the doorbell
 * @param interrupt entering and leaving an interrupt, once for all completions it finds
 * @param complete finishing one command, apart from unmapping
 * @param walkCache entries of each paging-structure cache of a unit, one cache a level above the
 *     lowest, 0 to 4096; with 0 there are none and {@code walkReads} says what they save
 * @param walkCacheKept 1 if an invalidation of pages drops an entry of these caches only if its
 *     table is gone, as "Fast and Safe IO Memory Protection" proposes; 0 if it drops all that
 *     overlap its range, as was measured there
 * @param secondIotlb entries of a second level of the IOTLB, a power of two to 1048576; 0 without
 * @param secondIotlbHit what a translation takes longer that only the second level has
 */
public record Costs(
    long mapCall,
    long unmapCall,
    long ptePrepare,
    long unmapPrepare,
    PerItem pteWrite,
    PerItem pteClear,
    long tableAlloc,
    long iotlbHit,
    long walkRead,
    long walkReads,
    long walkers,
    long lockHandover,
    long lockHandoverFar,
    PerItem lockContender,
    long remoteUnit,
    long submit,
    long doorbell,
    long interrupt,
    long complete,
    @DefaultFigure(0) long walkCache,
    @DefaultFigure(0) long walkCacheKept,
    @DefaultFigure(0) long secondIotlb,
    @DefaultFigure(0) long secondIotlbHit) {
  /** Most entries of a paging-structure cache; 64 to 128 were inferred for the last level. */
  public static final int MAX_WALK_CACHE = 4096;

  private static final int MAX_SECOND_IOTLB = 1 << 20;
  private static final int MAX_WALKERS = 64;

  /**
   * Refuses a unit that cannot walk.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public Costs {
    IommuSpec.require("walkers", walkers, 1, MAX_WALKERS);
    IommuSpec.require("walk-cache", walkCache, 0, MAX_WALK_CACHE);
    IommuSpec.require("walk-cache-kept", walkCacheKept, 0, 1);
    IommuSpec.require("second-iotlb", secondIotlb, 0, MAX_SECOND_IOTLB);
    if (Long.bitCount(secondIotlb) > 1) {
      throw new IllegalArgumentException(
          "second-iotlb: must be 0 or a power of two, is " + secondIotlb);
    }
  }
}
