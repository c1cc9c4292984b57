package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.event.declaration.Argument;
import dev.mapstorm.protocol.event.declaration.Codes;
import dev.mapstorm.protocol.event.declaration.Delta;
import dev.mapstorm.protocol.event.declaration.In;
import dev.mapstorm.protocol.event.declaration.Kind;
import dev.mapstorm.protocol.event.declaration.Listed;
import dev.mapstorm.protocol.event.declaration.PerCall;
import dev.mapstorm.protocol.event.declaration.Relative;
import dev.mapstorm.protocol.event.declaration.Unit;

/**
 * The declaration of everything that can happen in a host: one method an event, in virtual-time
 * order. Models write into a sink, the journal is one, and reading a journal back calls the same
 * methods, so analysis, replay and export are sinks too.
 *
 * <p>Everything else about events is made from this interface when the module is compiled, by
 * {@link dev.mapstorm.protocol.event.declaration.EventProcessor}: {@link EventKind} and the columns
 * of the journal, the flat form ({@link FlatEvents}), events as values ({@link Event}) and the way
 * to them ({@link EventRecorder}), {@link ArgumentLabels}, {@link PartialSink}, {@link HeadSink},
 * {@link EventFanout}, and the tables of {@code docs/JOURNAL.md}. A sink that must hear every kind
 * implements this interface, and does not compile when a kind is added; one that hears some of them
 * extends {@link PartialSink} and names them; one that only counts extends {@link HeadSink}.
 *
 * <p>The first argument is always the virtual instant {@code t} in nanoseconds, below 2^55. Codes
 * are ordinals of the enums in {@code dev.mapstorm.protocol}. Instants never go back, and no
 * argument is negative unless its method says so. A sink is called from one thread at a time;
 * arrays belong to the caller and are only valid during the call.
 *
 * <p><b>Identity.</b> What belongs together is named by number, and a number is never used twice in
 * a run. A CPU inside a domain is a <em>call</em>: {@code callEntered} says once who it is, and
 * every event of it has its {@code domain} and {@code call}, until {@code mapped}, {@code
 * unmapped}, {@code mapFailed}, {@code mapDeclined}, {@code cpuStolen}, {@code depotTrimmed} or
 * {@code poolAdded} ends it. A <em>mapping</em> has the number of the call that made it, a
 * <em>flush</em> of a domain that of the call that runs it. An <em>invalidation</em> has a ticket
 * of its unit, a <em>request</em> its client and {@code op}.
 */
@Argument(name = "client", is = "the client, a driver queue or a recorded device")
@Argument(
    name = "op",
    is = "the client's request, from 0; of a recorded client its number in the recording")
@Argument(name = "domain", is = "the IOMMU domain")
@Argument(name = "call", is = "the call of a CPU into the domain, from 1 in each domain")
@Argument(name = "device", is = "the device")
@Argument(name = "iommu", is = "the IOMMU unit")
@Argument(name = "ticket", is = "the invalidation, from 1 in each unit")
public interface EventSink {

  /**
   * A client's CPU starts to map a request, and asks for {@code n} physical ranges to be reachable
   * by its device.
   *
   * @param direction the way the data goes
   * @param api the way asked for. {@code iova} may end as {@code page}, see
   *     [MODEL.md](MODEL.md#two-step-iova); a recorded request keeps the way it was recorded with,
   *     even where the scenario maps it another way
   * @param n physical ranges in the list
   */
  @Kind(value = 1, request = true)
  void dmaRequested(
      long t,
      int client,
      @Delta("client") long op,
      @Codes(Direction.class) int direction,
      @Codes(MapApi.class) int api,
      int n,
      long[] phys,
      int[] length);

  /**
   * A recorded client is asked to unmap a request; it may have to wait for its device.
   *
   * @param cpu the CPU that is to unmap it
   */
  @Kind(value = 2, request = true)
  void releaseRequested(long t, int client, @Delta("client") long op, int cpu);

  /**
   * A request comes to a client that is asked at a rate or by a recording; {@code dma-requested}
   * follows when its CPU takes it up. A client that asks by itself, in a closed loop, takes a
   * request up as it comes and has no such event.
   *
   * @param cpu the CPU that is to map it
   */
  @Kind(value = 3, request = true)
  void requestArrived(long t, int client, @Delta("client") long op, int cpu);

  /**
   * A CPU comes into a domain's code, where it stays until it has a mapping, or has given one back,
   * or has finished work of the domain's own. The driver's calls that make one mapping, such as
   * those of a batch, are one call.
   *
   * @param client who called; -1 for work of the domain's own
   * @param op the request that it is for; -1 for work of the domain's own
   * @param cpu the CPU that executes it
   * @param what what the CPU came for
   * @param mapping the mapping that it takes back or, where it takes none, the number of the call
   *     itself, which will be that of the mapping that it makes
   */
  @Kind(4)
  void callEntered(
      long t,
      int domain,
      @Delta("domain") long call,
      int cpu,
      @Delta("cpu") int client,
      @Delta("client") long op,
      @Codes(CallKind.class) int what,
      @Relative("call") long mapping);

  /**
   * An allocator found a range of IOVA: {@code alloc_iova_fast}, or that of the architecture; or a
   * client of the IOMMU API chose one.
   *
   * @param pfn first granule of the range
   * @param pages granules asked for, before the allocator's rounding up to a power of two
   * @param source where the range was
   * @param walk tree nodes stepped over by the search that found it, or words of 64 bits that it
   *     looked at in bitmaps; 0 from caches
   */
  @Kind(10)
  void iovaAllocated(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages,
      @Codes(IovaSource.class) int source,
      int walk);

  /**
   * The allocator took a range back: that of an unmapping call, or one that a flush has made
   * reusable; ranges that follow each other may come as one. Or a client of the IOMMU API may use
   * its range again.
   *
   * @param pfn first granule of the range
   * @param pages granules, as they were asked for
   * @param destination where the range went
   */
  @Kind(11)
  void iovaFreed(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages,
      @Codes(IovaDestination.class) int destination);

  /**
   * An allocation found nothing and freed all cached ranges of the domain into the tree.
   *
   * @param ranges IOVA ranges given back to the tree
   */
  @Kind(12)
  void iovaCachesFlushed(long t, int domain, @Delta("domain") long call, long ranges);

  /**
   * The depot worker freed one magazine into the tree, which ends its call.
   *
   * @param order log2 of the granules of these ranges
   * @param ranges IOVA ranges given back to the tree
   */
  @Kind(13)
  void depotTrimmed(long t, int domain, @Delta("domain") long call, int order, long ranges);

  /**
   * Page-table entries of one page size were written, one event a run.
   *
   * @param pfn first granule
   * @param physPfn first physical granule
   * @param pages granules mapped by these entries
   * @param pageShift log2 of the bytes that an entry maps
   */
  @Kind(20)
  void ptesMapped(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @Listed @In(Unit.GRANULE) long physPfn,
      @In(Unit.GRANULES) long pages,
      int pageShift);

  /**
   * The page-table entries of a range were cleared.
   *
   * @param pfn first granule
   * @param pages granules
   */
  @Kind(21)
  void ptesCleared(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages);

  /**
   * The number of the domain's page-table pages changed.
   *
   * @param tables how many it has now, the top included
   */
  @Kind(22)
  void tablesChanged(long t, int domain, @Delta("domain") long call, @Delta("domain") long tables);

  /**
   * A usable mapping reached its client, which ends the call. The time of the call is that since
   * {@code call-entered}.
   *
   * @param pfn granule of the first DMA vector
   * @param pages granules that are mapped; with a direct map those that {@code bytes} span from
   *     {@code offset}
   * @param offset of the first DMA vector in its granule
   * @param bytes sum of the DMA vectors
   * @param vectors number of the DMA vectors
   */
  @Kind(30)
  void mapped(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages,
      @In(Unit.BYTES) int offset,
      @In(Unit.BYTES) long bytes,
      int vectors);

  /**
   * A request could not be mapped, which ends the call; what the request already had is unmapped
   * next.
   *
   * @param error why
   */
  @Kind(31)
  void mapFailed(long t, int domain, @Delta("domain") long call, @Codes(DmaError.class) int error);

  /** A call that took a mapping back has returned, which ends it and the mapping. */
  @Kind(32)
  void unmapped(long t, int domain, @Delta("domain") long call);

  /**
   * {@code dma_iova_try_alloc}, or the start of a batch, said no, which ends the call; the client
   * maps range by range.
   *
   * @param error why
   */
  @Kind(33)
  void mapDeclined(
      long t, int domain, @Delta("domain") long call, @Codes(DmaError.class) int error);

  /**
   * A CPU had to wait for a lock.
   *
   * @param lock which class of lock
   * @param instance what the lock belongs to, see [codes](#codes)
   * @param holder the CPU that last took the lock when the waiting one came
   * @param waitNs how long it waited
   */
  @Kind(40)
  void lockWaited(
      long t,
      @Codes(LockClass.class) int lock,
      int instance,
      int domain,
      @Delta("domain") long call,
      int holder,
      @In(Unit.NS) long waitNs);

  /**
   * A batch is cut: what each lock was used since its last such event.
   *
   * @param lock which class of lock
   * @param instance what the lock belongs to, see [codes](#codes)
   * @param acquisitions how often it was taken; a section that is still open counts
   * @param heldNs how long it was held; the time of an open section is added when it ends
   * @param waitedNs how long CPUs waited for it
   */
  @Kind(41)
  void lockUsed(
      long t,
      @Codes(LockClass.class) int lock,
      int instance,
      long acquisitions,
      @In(Unit.NS) long heldNs,
      @In(Unit.NS) long waitedNs);

  /**
   * A CPU holds a lock for 1 ms or longer: written when it is known for how long, at the beginning
   * of the section or at its end. A word that CPUs swap is no lock that is held.
   *
   * @param lock which class of lock
   * @param instance what the lock belongs to, see [codes](#codes)
   * @param heldNs for how long
   */
  @Kind(42)
  void lockHeldLong(
      long t,
      @Codes(LockClass.class) int lock,
      int instance,
      int domain,
      @Delta("domain") long call,
      @In(Unit.NS) long heldNs);

  /**
   * A CPU came to the unit's queue with an invalidation.
   *
   * @param kind what is invalidated
   * @param pfn first granule asked for; 0 for a whole domain
   * @param pages granules asked for; 0 for a whole domain
   * @param covered granules that the aligned block covers, which starts at {@code pfn} AND −{@code
   *     covered}; 0 if domain-selective
   */
  @Kind(50)
  void invalidationPosted(
      long t,
      int iommu,
      @Delta("iommu") long ticket,
      int domain,
      @Delta("domain") long call,
      @Codes(InvalidationKind.class) int kind,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages,
      @In(Unit.GRANULES) long covered);

  /**
   * The wait descriptor after an invalidation was done. Its latency is the time since {@code
   * invalidation-posted}: waiting for and holding {@code q_lock}, room in the ring, and the unit's
   * time.
   *
   * @param dropped IOTLB entries that went
   */
  @Kind(51)
  void invalidationCompleted(long t, int iommu, @Delta("iommu") long ticket, int dropped);

  /**
   * A device with a TLB of its own (ATS) has forgotten what an invalidation names, and answers.
   *
   * @param dropped entries of its TLB that went
   */
  @Kind(52)
  void deviceInvalidated(long t, int iommu, @Delta("iommu") long ticket, int device, int dropped);

  /**
   * The wait for an invalidation was too long for somebody.
   *
   * @param device the device that has not answered
   * @param timeout who waited, and what becomes of the invalidation
   */
  @Kind(53)
  void invalidationTimedOut(
      long t,
      int iommu,
      @Delta("iommu") long ticket,
      int device,
      @Codes(InvalidationTimeout.class) int timeout);

  /**
   * A lazily unmapped range entered a ring of the flush queue.
   *
   * @param pfn first granule
   * @param pages granules
   */
  @Kind(60)
  void flushQueued(
      long t,
      int domain,
      @Delta("domain") long call,
      @PerCall @In(Unit.GRANULE) long pfn,
      @PerCall @In(Unit.GRANULES) long pages);

  /**
   * A flush of the domain began; it is known by its call.
   *
   * @param reason why
   */
  @Kind(61)
  void flushStarted(
      long t, int domain, @Delta("domain") long call, @Codes(FlushReason.class) int reason);

  /**
   * What a flush released was freed.
   *
   * @param freed ranges freed after the flush: of all rings for the timer, of the CPU's own ring if
   *     that was full
   */
  @Kind(62)
  void flushFinished(long t, int domain, @Delta("domain") long call, long freed);

  /** The client's CPU begins to write the doorbell. */
  @Kind(70)
  void submitted(long t, int device, int client, @Delta("client") long op);

  /**
   * A device has the translations of a request; never with a direct map.
   *
   * @param pages granules of the request; of one with a TLB of its own, those that are not there
   * @param hits granules that the IOTLB had
   * @param reads page-table reads for the others
   * @param stallNs the time that this takes of the link
   */
  @Kind(71)
  void translated(
      long t,
      int device,
      int iommu,
      int client,
      @Delta("client") long op,
      @In(Unit.GRANULES) long pages,
      @In(Unit.GRANULES) long hits,
      long reads,
      @In(Unit.NS) long stallNs);

  /**
   * A device met an entry that is not present; the first of the request.
   *
   * @param pfn the granule
   * @param error what is wrong
   */
  @Kind(72)
  void faulted(
      long t,
      int device,
      int client,
      @Delta("client") long op,
      @Delta("client") @In(Unit.GRANULE) long pfn,
      @Codes(DmaError.class) int error);

  /** The link is done with a request, faulted or not. */
  @Kind(73)
  void completed(long t, int device, int client, @Delta("client") long op);

  /**
   * A device made an access that its request does not give it. If the access belongs to a request
   * in flight and was refused, {@code faulted} follows.
   *
   * @param op the request whose address it is
   * @param pfn the granule that the device used
   * @param cause what is wrong about it
   * @param direction {@code FROM_DEVICE} if it wrote, {@code TO_DEVICE} if it read
   * @param outcome what became of it
   */
  @Kind(74)
  void strayed(
      long t,
      int device,
      int client,
      @Delta("client") long op,
      @Delta("client") @In(Unit.GRANULE) long pfn,
      @Codes(StrayCause.class) int cause,
      @Codes(Direction.class) int direction,
      @Codes(AccessOutcome.class) int outcome);

  /**
   * A device with a TLB of its own (ATS) has looked up there what a request needs. For what it does
   * not have it asks the unit, and {@code translated} follows.
   *
   * @param pages granules of the request
   * @param hits granules that the device's TLB had
   */
  @Kind(75)
  void deviceTlbUsed(
      long t,
      int device,
      int client,
      @Delta("client") long op,
      @In(Unit.GRANULES) long pages,
      @In(Unit.GRANULES) long hits);

  /**
   * A client is done with a request; not for failed ones, nor for coherent memory or kept buffers.
   *
   * @param bytes bytes of the request; 0 if a device faulted on it
   * @param latencyNs since the CPU took the request up; since its arrival for an open loop
   */
  @Kind(80)
  void requestDone(
      long t,
      int client,
      @Delta("client") long op,
      @In(Unit.BYTES) long bytes,
      @In(Unit.NS) long latencyNs);

  /**
   * A callback of a flush queue's timer ended, which ends its call: work that is not its clients'
   * own took time of a CPU.
   *
   * @param ns virtual time from the start of the callback to its end
   */
  @Kind(81)
  void cpuStolen(long t, int domain, @Delta("domain") long call, @In(Unit.NS) long ns);

  /**
   * swiotlb took slots for a buffer, or for all of a batch, and copied it there.
   *
   * @param physPfn granule where the buffer begins; of a batch, where its first one begins
   * @param address the first byte in the slots, which the device uses
   * @param bytes copied
   * @param buffers whose bytes the slots hold: 1, or those of a batch
   * @param result whether the slots are of a pool that lasts or of one made for this bounce alone;
   *     {@code unreachable} if they were given back at once, as the device does not reach them
   * @param slots slots taken, pad slots included
   * @param checked slots that the search looked at
   * @param areas areas that it went through, each with its lock
   * @param used slots in use in all pools after it
   */
  @Kind(90)
  void bounced(
      long t,
      int domain,
      @Delta("domain") long call,
      @Listed @In(Unit.GRANULE) long physPfn,
      @Delta("domain") long address,
      @In(Unit.BYTES) long bytes,
      int buffers,
      @Codes(BounceResult.class) int result,
      int slots,
      int checked,
      int areas,
      @Delta("domain") long used);

  /**
   * swiotlb had no slots for a buffer or a batch ("swiotlb buffer is full"), whose mapping fails.
   *
   * @param bytes asked for
   * @param result why
   * @param checked slots that the search looked at
   * @param areas areas that it went through, each with its lock
   * @param used slots in use in all pools
   */
  @Kind(91)
  void bounceFailed(
      long t,
      int domain,
      @Delta("domain") long call,
      @In(Unit.BYTES) long bytes,
      @Codes(BounceResult.class) int result,
      int checked,
      int areas,
      @Delta("domain") long used);

  /**
   * Bytes are copied between bounce slots and a buffer, other than when it is mapped.
   *
   * @param mapping that the slots hold
   * @param address the first byte in the slots
   * @param bytes copied
   * @param direction {@code FROM_DEVICE} from the slots to the buffer, {@code TO_DEVICE} the other
   *     way
   */
  @Kind(92)
  void bounceCopied(
      long t,
      int domain,
      @Delta("domain") long mapping,
      @Delta("domain") long address,
      @In(Unit.BYTES) long bytes,
      @Codes(Direction.class) int direction);

  /**
   * Bounce slots are free again.
   *
   * @param address the first byte in the slots
   * @param slots given back, pad slots included
   * @param used slots in use in all pools after it
   */
  @Kind(93)
  void bounceReleased(
      long t,
      int domain,
      @Delta("domain") long call,
      @Delta("domain") long address,
      int slots,
      @Delta("domain") long used);

  /**
   * The worker added a pool of bounce buffers, or found no memory for one, which ends its call.
   *
   * @param slots of the new pool; 0 if there was no memory for one
   * @param areas of the new pool
   */
  @Kind(94)
  void poolAdded(long t, int domain, @Delta("domain") long call, int slots, int areas);

  /**
   * The driver of an RDMA device has made memory regions of a request's DMA vectors and posted the
   * work requests that register them.
   *
   * @param regions memory regions
   * @param entries pages in their lists
   */
  @Kind(100)
  void regionsRegistered(long t, int client, @Delta("client") long op, int regions, long entries);

  /**
   * The memory regions of a request are invalidated: the device can no longer use them, and what
   * they name may be unmapped.
   *
   * @param regions memory regions
   */
  @Kind(101)
  void regionsInvalidated(long t, int client, @Delta("client") long op, int regions);

  /** Drops everything. */
  EventSink NONE = new PartialSink() {};
}
