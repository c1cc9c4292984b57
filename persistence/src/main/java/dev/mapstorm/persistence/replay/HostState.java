package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.RequestStage;
import java.util.List;

/**
 * A host as its events left it. Lists are in a fixed order, given with each. A number of -1 says
 * that there is none.
 *
 * @param t instant of the last event that counts
 * @param events how many events count: those with numbers below this
 * @param domains by number, those that occurred
 * @param invalidations in flight, oldest first
 * @param requests in flight, by client and number
 * @param load requests in flight summed up, by client and device
 * @param violations of what must always hold, the first of them
 * @param violationsFound how many there are
 */
public record HostState(
    long t,
    long events,
    List<Domain> domains,
    List<Invalidation> invalidations,
    List<Request> requests,
    List<Load> load,
    List<Violation> violations,
    long violationsFound) {

  /**
   * An IOMMU domain.
   *
   * @param domain its number
   * @param ranges IOVA ranges that are not free, by first granule, then direct mappings by client
   *     and request
   * @param entries present page-table entries as runs, by first granule
   * @param entryPages granules that they map
   * @param tables page-table pages
   * @param cached free IOVA ranges in CPUs' magazines, by CPU and order
   * @param depots free IOVA ranges in depots, by order
   * @param flushQueues ranges that wait in rings, by CPU
   * @param flushes under way, oldest first
   */
  public record Domain(
      int domain,
      List<Range> ranges,
      List<EntryRun> entries,
      long entryPages,
      long tables,
      List<Cached> cached,
      List<Depot> depots,
      List<Ring> flushQueues,
      List<Flush> flushes) {}

  /**
   * An IOVA range in use.
   *
   * @param pfn first granule
   * @param pages granules allocated
   * @param state how far it is
   * @param since when it came to that state
   * @param entryPages granules with present entries
   * @param mapping number of its mapping, -1 before it was handed out
   * @param client who allocated it
   * @param op for which request, -1 before it was handed out
   * @param offset of the first byte
   * @param bytes mapped
   * @param vectors DMA vectors
   * @param cpu that allocated it, -1 on a direct map
   */
  public record Range(
      long pfn,
      long pages,
      RangeState state,
      long since,
      long entryPages,
      long mapping,
      int client,
      long op,
      int offset,
      long bytes,
      int vectors,
      int cpu) {}

  /**
   * Entries of one page size that map ascending granules to ascending granules.
   *
   * @param pfn first granule
   * @param physPfn where it leads
   * @param pages granules
   * @param pageShift log2 of the page size in bytes
   */
  public record EntryRun(long pfn, long physPfn, long pages, int pageShift) {}

  /**
   * @param cpu whose magazines
   * @param order log2 of their granules, rounded up
   * @param ranges how many
   */
  public record Cached(int cpu, int order, long ranges) {}

  /**
   * @param order log2 of their granules, rounded up
   * @param magazines full ones
   * @param ranges in them
   */
  public record Depot(int order, long magazines, long ranges) {}

  /**
   * @param cpu who queued them; all CPUs share a ring in domains with a single queue
   * @param ranges oldest first, in state {@link RangeState#QUEUED}
   * @param pages granules of all
   */
  public record Ring(int cpu, List<Range> ranges, long pages) {}

  /**
   * @param cpu that flushes
   * @param reason label of the flush reason
   * @param since when it began
   */
  public record Flush(int cpu, String reason, long since) {}

  /**
   * An invalidation that is not complete.
   *
   * @param iommu unit that executes it
   * @param domain for which domain
   * @param cpu that waits for it
   * @param kind label of its kind
   * @param pfn first granule asked for
   * @param pages granules asked for; 0 for a flush of the whole domain
   * @param covered granules that it drops; 0 for the whole domain
   * @param postedAt when
   */
  public record Invalidation(
      int iommu,
      int domain,
      int cpu,
      String kind,
      long pfn,
      long pages,
      long covered,
      long postedAt) {}

  /**
   * A request that is not done.
   *
   * @param client whose
   * @param op its number
   * @param device where it was submitted, -1 before
   * @param api the way it was asked to be mapped; {@code iova} may end as {@code page}
   * @param direction of the transfer
   * @param bytes asked for
   * @param stage how far it is
   * @param since when it came there
   * @param requestedAt when it was asked for
   * @param mappings it holds
   */
  public record Request(
      int client,
      long op,
      int device,
      String api,
      String direction,
      long bytes,
      RequestStage stage,
      long since,
      long requestedAt,
      int mappings) {}

  /**
   * What a client has in flight at a device.
   *
   * @param client whose
   * @param device where, -1 for requests that are not submitted
   * @param requests how many
   * @param bytes of all
   * @param oldestNs age of the oldest
   */
  public record Load(int client, int device, long requests, long bytes, long oldestNs) {}

  /**
   * Something that must not be in a stream.
   *
   * @param event number of the event that shows it
   * @param t its instant
   * @param text what is wrong
   */
  public record Violation(long event, long t, String text) {}
}
