package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.protocol.message.Message;

/**
 * Is shown what the models of a host hold between two steps of its clock ({@code BareLoop.show},
 * {@code HostModel.show}): the state itself, not what events say of it. What is handed over may
 * only be looked at, and not kept. All numbers are those of events and messages.
 */
public interface HostVisitor {

  /** A domain behind an IOMMU. A direct map has no state to show. */
  void domain(int domain, IovaDomain iova, PageTable table, FlushQueue queue);

  /** A domain of the IOMMU API: its clients choose their addresses. */
  void unmanaged(int domain, PageTable table);

  /**
   * A domain whose backend allocates addresses in a way of its own; {@link #range} shows each range
   * that is taken.
   */
  void window(int domain, PageTable table);

  /** A range that a backend of its own has taken, from its allocation until it is free again. */
  void range(int domain, RangeInUse range);

  /**
   * A range of IOVA that the domain takes for somebody's, from its allocation to the answer that it
   * is unmapped.
   *
   * @param mapping the call that made it, its number in events
   * @param slot its number in messages
   * @param pfn first granule
   * @param pages granules asked for
   * @param vectors DMA vectors so far, as pairs of address and length
   */
  void mapping(int domain, long mapping, int slot, long pfn, long pages, long[] vectors);

  /** A CPU inside a domain's code. */
  void call(int domain, CallInProgress call);

  /**
   * An invalidation that a unit has in its queue, or that waits for room there.
   *
   * @param ticket its number in the unit
   * @param call that waits for it in the domain
   * @param covered granules that it will drop; 0 for the whole domain
   * @param postedAt instant at which its CPU came to the queue
   */
  void invalidation(
      int iommu, long ticket, int domain, long call, int cpu, long covered, long postedAt);

  /** A request that its client is not done with. */
  void request(int client, RequestInProgress request);

  /** A request that its device is not done with. */
  void posted(int device, int slot, int client, long op);

  /** A message that is due later, in the order of delivery. */
  void message(long due, int actor, Message message);
}
