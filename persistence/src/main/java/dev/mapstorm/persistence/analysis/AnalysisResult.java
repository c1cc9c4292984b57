package dev.mapstorm.persistence.analysis;

import java.util.List;

/**
 * All that an {@link Analysis} found. Times are virtual nanoseconds, pages are granules of 4 KiB,
 * rates are per virtual second over the run's span and rounded down. Lists are in a fixed order,
 * given with each, so that equal runs give equal results. A {@code client}, {@code cpu} or {@code
 * domain} of -1 means that there is none.
 *
 * @param run its extent
 * @param total all clients together ({@code host} and {@code client} are -1)
 * @param clients by host and client
 * @param latency where the time of requests went, by API and direction
 * @param locks by lock class
 * @param invalidations of the IOTLB
 * @param flushQueue of lazy domains
 * @param exposure how long unmapped pages stayed reachable
 * @param iova the IOVA allocator
 * @param translation the device side
 * @param batchSizing cost by API and pages of a mapping
 * @param storms invalidation storms
 * @param stolen work that is not the clients' own, by host and CPU
 * @param cpuTime what the calls of the DMA API and the flush timer took of the CPUs
 */
public record AnalysisResult(
    Run run,
    Client total,
    List<Client> clients,
    List<Latency> latency,
    List<Lock> locks,
    Invalidations invalidations,
    FlushQueue flushQueue,
    Exposure exposure,
    Iova iova,
    Translation translation,
    List<BatchSizes> batchSizing,
    Storms storms,
    List<Stolen> stolen,
    CpuTime cpuTime) {

  /**
   * The extent of what was analysed.
   *
   * @param hosts hosts
   * @param events events of all hosts
   * @param requests events that are requests
   * @param outcomes events that are outcomes
   * @param firstNs instant of the first event
   * @param lastNs instant of the last event
   * @param spanNs between them
   * @param kinds events by kind, those that occurred, in the order of their codes
   */
  public record Run(
      int hosts,
      long events,
      long requests,
      long outcomes,
      long firstNs,
      long lastNs,
      long spanNs,
      List<KindCount> kinds) {}

  /**
   * @param kind label of the event kind
   * @param count events of it
   */
  public record KindCount(String kind, long count) {}

  /**
   * A DMA client.
   *
   * @param host its host
   * @param client its number
   * @param requested requests it made
   * @param done requests that were done
   * @param lastDoneNs instant at which the last of them was; 0 without any
   * @param bytes of the requests done
   * @param mappings handed to it
   * @param mappedPages granules touched by them
   * @param mapFailures calls that failed
   * @param faults addresses of its requests that a device could not use
   * @param donePerSecond requests done a second
   * @param bytesPerSecond bytes done a second
   * @param latency of the requests done
   * @param mapCallNs CPU time of its mapping calls that returned
   * @param unmapCallNs CPU time of its unmapping calls that returned
   * @param requestsMapped its requests of which all is mapped, or was
   * @param requestsMappedNs CPU time of the calls that mapped these
   * @param requestsUnmapped its requests of which all was mapped and nothing is left
   * @param requestsUnmappedNs CPU time of the calls that unmapped these
   */
  public record Client(
      int host,
      int client,
      long requested,
      long done,
      long lastDoneNs,
      long bytes,
      long mappings,
      long mappedPages,
      long mapFailures,
      long faults,
      long donePerSecond,
      long bytesPerSecond,
      Distribution latency,
      long mapCallNs,
      long unmapCallNs,
      long requestsMapped,
      long requestsMappedNs,
      long requestsUnmapped,
      long requestsUnmappedNs) {}

  /**
   * CPU time of the DMA API. Only calls that returned count, with what lies within them; a wait is
   * part of one sum at most.
   *
   * @param map calls that mapped something
   * @param unmap calls that took something back
   * @param timer callbacks of the flush timer; they have no pages and no requests
   * @param otherLockWaitNs waits for locks within none of these: of calls that failed or have not
   *     returned, and of the depot's worker
   */
  public record CpuTime(Work map, Work unmap, Work timer, long otherLockWaitNs) {}

  /**
   * One kind of calls.
   *
   * @param calls mappings made or taken back, or callbacks
   * @param pages granules of these mappings
   * @param total what the calls took
   * @param requests requests that have been through all their calls of this kind
   * @param ofRequests what the calls of these requests took
   */
  public record Work(long calls, long pages, Spent total, long requests, Spent ofRequests) {}

  /**
   * What calls took.
   *
   * @param ns CPU time
   * @param lockWaitNs of it waiting for locks
   * @param lockWaits the same by lock class, those that were waited for, in their order
   * @param unitWaitNs of it from posting invalidations to their completed waits, without the waits
   *     for the lock of the unit's queue
   * @param pageSelective page-selective invalidations among these
   * @param domainSelective domain-selective ones
   * @param pagesAsked granules to invalidate by page-selective ones
   * @param pagesCovered granules that these covered
   * @param dropped IOTLB entries that all dropped
   * @param iovas ranges of IOVA that were allocated for mappings
   */
  public record Spent(
      long ns,
      long lockWaitNs,
      List<LockTime> lockWaits,
      long unitWaitNs,
      long pageSelective,
      long domainSelective,
      long pagesAsked,
      long pagesCovered,
      long dropped,
      long iovas) {}

  /**
   * @param lock class of the lock
   * @param ns time
   */
  public record LockTime(String lock, long ns) {}

  /**
   * Where the time of one kind of request went. The phases follow each other without gap: their
   * sums add up to the sum of {@code total}, to the nanosecond.
   *
   * @param api how it was mapped
   * @param direction of the transfer
   * @param total latency of the requests
   * @param phases in the order in which a request goes through them
   * @param stallNs of it spent by devices waiting for translations, within the device's phases
   */
  public record Latency(
      String api, String direction, Distribution total, List<Phase> phases, long stallNs) {}

  /**
   * @param phase from which milestone to which
   * @param time that requests spent in it
   */
  public record Phase(String phase, Distribution time) {}

  /**
   * A class of locks, those with the longest waits first.
   *
   * @param lock row of the contention table and name in Linux
   * @param use all instances together
   * @param instances those with the longest waits first
   * @param pairs which CPU waited longest for which, over all instances; the top ones
   */
  public record Lock(String lock, LockUse use, List<LockInstance> instances, List<Pair> pairs) {}

  /**
   * Up to the host's last event: of what reaches beyond it, the part before counts.
   *
   * @param acquisitions how often it was taken
   * @param heldNs how long it was held in all
   * @param waits how often a CPU had to wait
   * @param waitsNs the sum of those waits
   * @param worst the longest wait, null when nobody waited
   */
  public record LockUse(long acquisitions, long heldNs, long waits, long waitsNs, Wait worst) {}

  /**
   * @param host its host
   * @param instance what the lock belongs to, in words
   * @param use of it
   */
  public record LockInstance(int host, String instance, LockUse use) {}

  /**
   * One wait for a lock.
   *
   * @param waitNs how long
   * @param host on which host
   * @param cpu who waited
   * @param holder for whom
   * @param t instant of its event
   */
  public record Wait(long waitNs, int host, int cpu, int holder, long t) {}

  /**
   * @param host on which host
   * @param instance of which lock
   * @param cpu who waited
   * @param holder for whom
   * @param waits how often
   * @param waitNs how long in all
   */
  public record Pair(int host, String instance, int cpu, int holder, long waits, long waitNs) {}

  /**
   * IOTLB invalidations.
   *
   * @param pageSelective posted for a range
   * @param domainSelective posted for a whole domain
   * @param pagesAsked by page-selective ones
   * @param pagesCovered by page-selective ones
   * @param dropped IOTLB entries that went
   * @param perSecond posted a second
   * @param latency from posting to the completed wait
   * @param worstWindow the window with most of them, null without any
   * @param units by host and unit
   */
  public record Invalidations(
      long pageSelective,
      long domainSelective,
      long pagesAsked,
      long pagesCovered,
      long dropped,
      long perSecond,
      Distribution latency,
      Window worstWindow,
      List<Unit> units) {}

  /**
   * @param host its host
   * @param iommu its number
   * @param posted invalidations
   * @param completed of them
   * @param dropped IOTLB entries
   * @param inFlightMax most that were posted and not yet completed
   * @param latency from posting to the completed wait
   */
  public record Unit(
      int host,
      int iommu,
      long posted,
      long completed,
      long dropped,
      long inFlightMax,
      Distribution latency) {}

  /**
   * @param host on which host
   * @param startNs where the window begins
   * @param widthNs its width
   * @param invalidations posted in it
   */
  public record Window(int host, long startNs, long widthNs, long invalidations) {}

  /**
   * Flush queues.
   *
   * @param queued ranges that entered a ring
   * @param queuedPages their granules
   * @param flushes by reason, all reasons
   * @param freed ranges reclaimed by a flush
   * @param took from start to end of a flush
   * @param waitingMax most ranges of one domain that waited for a flush at once
   * @param waitingPagesMax most granules of one domain that did
   */
  public record FlushQueue(
      long queued,
      long queuedPages,
      List<ReasonCount> flushes,
      Distribution freed,
      Distribution took,
      long waitingMax,
      long waitingPagesMax) {}

  /**
   * @param reason label of the flush reason
   * @param count how often
   */
  public record ReasonCount(String reason, long count) {}

  /**
   * How long unmapped pages may still have been reachable through the IOTLB.
   *
   * @param lazy from the cleared entries to the end of the flush that lets the range be reclaimed
   * @param lazyWorst the longest of these, null without any
   * @param strict from the cleared entries to the completed invalidation of the same call
   * @param stillQueued ranges whose flush had not ended with the last event
   * @param oldestNs age of the oldest of them at the last event
   */
  public record Exposure(
      Distribution lazy, Exposed lazyWorst, Distribution strict, long stillQueued, long oldestNs) {}

  /**
   * @param ns how long
   * @param host on which host
   * @param domain in which domain
   * @param pfn first granule of the range
   * @param pages its granules
   * @param client who unmapped it, -1 if unknown
   * @param clearedAt when its entries were cleared
   */
  public record Exposed(
      long ns, int host, int domain, long pfn, long pages, int client, long clearedAt) {}

  /**
   * The IOVA allocator.
   *
   * @param sources where IOVAs came from, all sources in their order
   * @param destinations where freed ones went, all destinations in their order
   * @param walk tree nodes stepped over by allocations from the tree
   * @param cacheFlushes failed allocations that flushed all caches
   * @param rangesFlushed ranges that these freed
   * @param depotTrims magazines that the depot worker freed
   * @param rangesTrimmed ranges in them
   * @param sizes by size order, those that occurred
   * @param pagesMax most granules allocated at once in a host, summed over hosts
   * @param tablesMax most page-table pages at once in a host, summed over hosts
   */
  public record Iova(
      List<SourceCount> sources,
      List<DestinationCount> destinations,
      Distribution walk,
      long cacheFlushes,
      long rangesFlushed,
      long depotTrims,
      long rangesTrimmed,
      List<SizeCount> sizes,
      long pagesMax,
      long tablesMax) {}

  /**
   * @param source label of the source
   * @param count allocations
   */
  public record SourceCount(String source, long count) {}

  /**
   * @param destination label of the destination
   * @param count ranges freed
   */
  public record DestinationCount(String destination, long count) {}

  /**
   * @param order log2 of the granules, rounded up
   * @param allocated allocations of that order
   * @param fromTree those of them that no cache answered
   */
  public record SizeCount(int order, long allocated, long fromTree) {}

  /**
   * The device side.
   *
   * @param total all devices together ({@code host} and {@code device} are -1)
   * @param devices by host and device
   * @param faults by error, those that occurred
   */
  public record Translation(Device total, List<Device> devices, List<ErrorCount> faults) {}

  /**
   * @param host its host
   * @param device its number
   * @param translations requests translated
   * @param pages granules translated
   * @param hits of them in the IOTLB
   * @param reads page-table reads for the others
   * @param stallNs time that requests waited for translation, up to the host's last event
   * @param stallMaxNs longest of these waits
   * @param faults addresses that it could not use
   */
  public record Device(
      int host,
      int device,
      long translations,
      long pages,
      long hits,
      long reads,
      long stallNs,
      long stallMaxNs,
      long faults) {}

  /**
   * @param error label of the error
   * @param count how often
   */
  public record ErrorCount(String error, long count) {}

  /**
   * What mapping costs with one API, by the pages of a mapping.
   *
   * @param api how it was mapped
   * @param kneePages the smallest size whose cost per page is within a tenth of the best; 0 if no
   *     mapping was taken back
   * @param bestPages the size with the lowest cost per page, 0 likewise
   * @param sizes in ascending size
   */
  public record BatchSizes(String api, long kneePages, long bestPages, List<BatchSize> sizes) {}

  /**
   * @param pages granules of a mapping
   * @param mappings of that size that were mapped and taken back
   * @param mapCallNs CPU time of their mapping calls
   * @param unmapCallNs CPU time of their unmapping calls
   * @param psPerPage both shared out over their pages, in picoseconds a page
   * @param latency of the requests whose first mapping had that size
   */
  public record BatchSize(
      long pages,
      long mappings,
      long mapCallNs,
      long unmapCallNs,
      long psPerPage,
      Distribution latency) {}

  /**
   * Invalidation storms: windows that hold more invalidations than {@code stormFactor} times the
   * median of the host's non-empty windows and than {@code stormFloor}; neighbouring ones are one
   * storm.
   *
   * @param options the rule's figures
   * @param found how many there are
   * @param largest those with most invalidations first; the top ones
   */
  public record Storms(AnalysisOptions options, long found, List<Storm> largest) {}

  /**
   * @param host on which host
   * @param startNs where its first window begins
   * @param endNs where its last window ends
   * @param invalidations posted in it
   * @param peak most in one of its windows
   * @param median of the host's non-empty windows
   * @param clients whose calls posted them, most first; the top ones
   * @param reasons flush reasons, or unmapping itself, most first
   */
  public record Storm(
      int host,
      long startNs,
      long endNs,
      long invalidations,
      long peak,
      long median,
      List<ClientShare> clients,
      List<ReasonCount> reasons) {}

  /**
   * @param client who, -1 for work of no client such as the flush timer's
   * @param invalidations of the storm that it posted
   */
  public record ClientShare(int client, long invalidations) {}

  /**
   * @param host on which host
   * @param cpu from which CPU
   * @param times how often
   * @param ns CPU time in all
   */
  public record Stolen(int host, int cpu, long times, long ns) {}
}
