package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * How much heap a host takes at its height, in bytes, by its specification alone: with all its
 * clients at their depth, but no more requests than it can begin until its end, and with a store so
 * slow that all its batches of events are on their way. An estimate: {@code HostMemoryTest} builds
 * and runs hosts of many shapes, counts their objects, and holds the estimate between the count and
 * four times the count.
 *
 * @param clients drivers with their actors, and the requests that they have in flight
 * @param devices devices, domains and units, their actors, what CPUs cache in domains, page tables
 * @param buffers the pools of buffers that clients cycle through
 * @param events batches of events that are filled or on their way to the store
 * @param checkpoint the machine as bytes, in the making and on its way to the store, if one is due
 *     before the end
 * @param recorded requests that were recorded; all hosts of a kind share those of a trace
 */
public record HostMemory(
    long clients, long devices, long buffers, long events, long checkpoint, long recorded) {
  /** A typed actor with its mailbox, its reference and what its parent keeps of it. */
  /** What five paging-structure caches take for an entry of each. */
  private static final long WALK_CACHES = 5 * 37;

  private static final long ACTOR = 1_700;

  private static final long CLIENT = 900;
  private static final long DEVICE = 700;
  private static final long TLB_ENTRY = 37;
  private static final long UNIT = 2_500;

  /** Allocator, page mapper and list layout of a domain that nobody has used. */
  private static final long DOMAIN = 6_500;

  /** A direct map with bounce buffers that nobody has used, without their slots. */
  private static final long DIRECT = 1_200;

  /** Slots of a pool that is added, with what its areas have. */
  private static final long GROWN_POOL = 2_048 + 16 * 92;

  private static final int CPUS_OF_A_GROUP = 32;
  private static final int PER_CPU_STRUCTURES = 4;

  /** What the lane fills before it is copied: a bit more than {@code BatchGate} stages. */
  private static final long STAGED = 8 * 6_000;

  /**
   * A checkpoint is up to half as large as what it holds, and is there six times: in a buffer that
   * grows by doubling, by itself, as the entity's state, and as bytes and copies for the store.
   */
  private static final long CHECKPOINTS = 3;

  /** A buffer grows by doubling. */
  private static final double GROWTH = 1.4;

  /** Of one host. */
  public static HostMemory of(HostSpec spec) {
    List<ClientMemory> clients = clients(spec);
    long own = spec.clients().size() * (CLIENT + ACTOR);
    long pools = 0;
    long cached = 0;
    for (ClientMemory client : clients) {
      own += client.inFlight();
      pools += client.pool();
      cached += client.inDomain();
    }
    long devices = devices(spec) + cached;
    long machine = own + devices + pools - actors(spec);
    return new HostMemory(
        own,
        devices,
        pools,
        events(spec, clients),
        checkpointIsDue(spec, clients) ? CHECKPOINTS * machine : 0,
        recorded(spec));
  }

  private static boolean checkpointIsDue(HostSpec spec, List<ClientMemory> clients) {
    long after = spec.journal().enabled() ? spec.journal().checkpointEvents() : 0;
    return after > 0 && clients.stream().mapToDouble(ClientMemory::events).sum() >= after;
  }

  /** The part of {@link #clients} and {@link #devices} that is actors. */
  static long actors(HostSpec spec) {
    return ACTOR
        * (spec.clients().size()
            + spec.devices().size()
            + spec.domains().size()
            + (long) spec.iommus().size());
  }

  private static List<ClientMemory> clients(HostSpec spec) {
    int[] ofDevice = new int[spec.devices().size()];
    int[] ofDomain = new int[spec.domains().size()];
    for (ClientSpec client : spec.clients()) {
      ofDevice[client.device()]++;
      ofDomain[spec.devices().get(client.device()).domain()]++;
    }
    List<ClientMemory> clients = new ArrayList<>();
    for (ClientSpec client : spec.clients()) {
      int domain = spec.devices().get(client.device()).domain();
      clients.add(ClientMemory.of(client, spec, ofDevice[client.device()], ofDomain[domain]));
    }
    return clients;
  }

  /** All together. */
  public long bytes() {
    return clients + devices + buffers + events + checkpoint + recorded;
  }

  private static long devices(HostSpec spec) {
    long sum = spec.devices().size() * (DEVICE + ACTOR);
    long groups = (spec.cpus() + CPUS_OF_A_GROUP - 1) / CPUS_OF_A_GROUP;
    for (DomainSpec domain : spec.domains()) {
      sum += ACTOR;
      if (domain instanceof DmaIommuSpec own) {
        // The tables on the way to the first page are made together.
        sum += DOMAIN + own.format().levels() * ClientMemory.table(own);
        sum += PER_CPU_STRUCTURES * ClientMemory.array(groups, 4);
        sum += own.iova().orders() * ClientMemory.LOCK;
      } else if (domain instanceof SwiotlbSpec own) {
        sum += DIRECT + pools(own);
      } else if (ClientMemory.window(domain) > 0) {
        sum += DOMAIN + ClientMemory.window(domain);
      }
    }
    for (DeviceSpec device : spec.devices()) {
      sum += device.ats() == null ? 0 : device.ats().tlbEntries() * TLB_ENTRY;
    }
    for (IommuSpec unit : spec.iommus()) {
      sum += UNIT + ACTOR + tables(unit) + WALK_CACHES * spec.costs().walkCache();
      sum += TLB_ENTRY * spec.costs().secondIotlb();
    }
    return sum;
  }

  /** A byte a slot, and what an area has. */
  private static long pools(SwiotlbSpec own) {
    long areas = own.size().areas() * (2 * 4 + 4 + ClientMemory.LOCK);
    return ClientMemory.array(own.size().slots(), 1)
        + areas
        + own.growPools() * ClientMemory.array(GROWN_POOL, 1);
  }

  private static <S extends IommuSpec> long tables(S unit) {
    return Kinds.ALL.of(unit).bytes(unit);
  }

  private static long events(HostSpec spec, List<ClientMemory> clients) {
    JournalSpec journal = spec.journal();
    if (!journal.enabled()) {
      return 0;
    }
    double events = 0;
    double words = 0;
    for (ClientMemory client : clients) {
      events += client.events();
      words += client.eventWords();
    }
    double inBatches = (journal.credits() + 1.0) * journal.batchEvents();
    double share = events > inBatches ? inBatches / events : 1;
    return STAGED
        + ClientMemory.array(journal.batchEvents(), 8)
        + (long) (words * share * 8 * GROWTH);
  }

  private static long recorded(HostSpec spec) {
    Set<RecordedRequests> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (ClientSpec client : spec.clients()) {
      if (client instanceof ClientSpec.Recorded recorded) {
        seen.add(recorded.requests());
      } else if (client instanceof ClientSpec.Repeated repeated) {
        seen.add(repeated.requests());
      }
    }
    return seen.stream().mapToLong(HostMemory::bytes).sum();
  }

  private static long bytes(RecordedRequests requests) {
    return requests.size() * 28L + requests.phys().length * 12L + 10 * 16;
  }
}
