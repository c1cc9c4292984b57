package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many free ranges the caches of a domain's IOVA allocator hold ({@code iova_rcache},
 * drivers/iommu/iova.c), as far as events tell.
 *
 * <p>The total of an order follows from what was freed into the caches, taken from them, flushed
 * and trimmed. How it is split between CPUs and depot also needs the magazine size, since an event
 * says that a magazine moved, not how much was in it. Three things no event says: which ranges a
 * magazine holds; that a magazine was loaded from the depot by an allocation that then found
 * nothing below its limit and went to the tree (the split is corrected when the CPU next shows that
 * it has ranges); and how many ranges of a magazine that overflowed a limited depot went to the
 * tree (taken to be all, which it is). Where the depot is limited a wrong split can also make the
 * total wrong, since it decides whether a magazine overflows.
 */
final class CachedRanges {
  private static final int MAGAZINE_SOURCE = IovaSource.MAGAZINE.ordinal();
  private static final int DEPOT_SOURCE = IovaSource.DEPOT.ordinal();
  private static final int MAGAZINE_DESTINATION = IovaDestination.MAGAZINE.ordinal();
  private static final int DEPOT_DESTINATION = IovaDestination.DEPOT.ordinal();
  private static final int ORDERS = 64;

  private final int magazineSize;
  private final int depotLimit;
  private final long[] total = new long[ORDERS];
  private final long[] ofCpus = new long[ORDERS];
  private long[][] ofCpu = new long[0][];

  CachedRanges(IovaParameters parameters) {
    magazineSize = parameters.magazineSize();
    depotLimit = parameters.depotLimit();
  }

  private static int order(long pages) {
    return pages <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(pages - 1);
  }

  private long[] of(int cpu) {
    if (cpu >= ofCpu.length) {
      int before = ofCpu.length;
      ofCpu = Arrays.copyOf(ofCpu, Math.max(cpu + 1, Math.max(16, before * 2)));
      for (int i = before; i < ofCpu.length; i++) {
        ofCpu[i] = new long[ORDERS];
      }
    }
    return ofCpu[cpu];
  }

  private void set(int cpu, int order, long ranges) {
    long[] own = of(cpu);
    ofCpus[order] += ranges - own[order];
    own[order] = ranges;
  }

  /** A range was allocated; returns whether the caches can have had it. */
  boolean allocated(int cpu, long pages, int source) {
    int order = order(pages);
    if (source == MAGAZINE_SOURCE) {
      long before = of(cpu)[order];
      set(cpu, order, (before == 0 ? magazineSize : before) - 1);
    } else if (source == DEPOT_SOURCE) {
      // Both magazines were empty; a full one took the loaded one's place.
      set(cpu, order, magazineSize - 1);
    } else {
      return true;
    }
    return --total[order] >= 0;
  }

  /** A range was freed. */
  void freed(int cpu, long pages, int destination) {
    int order = order(pages);
    if (destination == MAGAZINE_DESTINATION) {
      set(cpu, order, of(cpu)[order] + 1);
    } else if (destination == DEPOT_DESTINATION) {
      // Both magazines were full; one of them went, an empty one took its place.
      set(cpu, order, magazineSize + 1);
      if (depotRanges(order) / magazineSize >= depotLimit) {
        total[order] -= magazineSize;
      }
    } else {
      return;
    }
    total[order]++;
  }

  /** All caches were flushed into the tree. */
  void flushed() {
    Arrays.fill(total, 0);
    Arrays.fill(ofCpus, 0);
    for (long[] own : ofCpu) {
      Arrays.fill(own, 0);
    }
  }

  /** The depot worker freed a magazine. */
  void trimmed(int order) {
    total[order] -= magazineSize;
  }

  private long depotRanges(int order) {
    return Math.max(0, total[order] - ofCpus[order]);
  }

  List<HostState.Cached> cached() {
    List<HostState.Cached> rows = new ArrayList<>();
    for (int cpu = 0; cpu < ofCpu.length; cpu++) {
      for (int order = 0; order < ORDERS; order++) {
        if (ofCpu[cpu][order] > 0) {
          rows.add(new HostState.Cached(cpu, order, ofCpu[cpu][order]));
        }
      }
    }
    return List.copyOf(rows);
  }

  List<HostState.Depot> depots() {
    List<HostState.Depot> rows = new ArrayList<>();
    for (int order = 0; order < ORDERS; order++) {
      long ranges = depotRanges(order);
      if (ranges > 0) {
        rows.add(new HostState.Depot(order, ranges / magazineSize, ranges));
      }
    }
    return List.copyOf(rows);
  }
}
