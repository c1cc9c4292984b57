package dev.mapstorm.persistence.analysis.iova;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The IOVA allocators and page-table pages of a host. */
@Hears({
  EventKind.IOVA_ALLOCATED,
  EventKind.IOVA_FREED,
  EventKind.IOVA_CACHES_FLUSHED,
  EventKind.DEPOT_TRIMMED,
  EventKind.TABLES_CHANGED
})
final class IovaFigures extends PartialSink implements HostFigures {
  private static final int TREE = IovaSource.TREE.ordinal();
  private static final int FLUSHED_TREE = IovaSource.FLUSHED_TREE.ordinal();
  private static final int ORDERS = 64;

  private final long[] bySource = new long[IovaSource.values().length];
  private final long[] byDestination = new long[IovaDestination.values().length];
  private final long[] byOrder = new long[ORDERS];
  private final long[] fromTreeByOrder = new long[ORDERS];
  private final Samples walk = new Samples();
  private long cacheFlushes;
  private long rangesFlushed;
  private long depotTrims;
  private long rangesTrimmed;
  private long pages;
  private long pagesMax;
  private long[] tablesOfDomain = new long[4];
  private long tables;
  private long tablesMax;

  @Override
  public void pack() {
    walk.pack();
  }

  private static int order(long pages) {
    return pages <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(pages - 1);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    bySource[source]++;
    int order = order(pages);
    byOrder[order]++;
    if (source == TREE || source == FLUSHED_TREE) {
      fromTreeByOrder[order]++;
      this.walk.record(walk);
    }
    this.pages += pages;
    pagesMax = Math.max(pagesMax, this.pages);
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    byDestination[destination]++;
    this.pages -= pages;
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    cacheFlushes++;
    rangesFlushed += ranges;
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    depotTrims++;
    rangesTrimmed += ranges;
  }

  @Override
  public void tablesChanged(long t, int domain, long call, long tables) {
    if (domain >= tablesOfDomain.length) {
      tablesOfDomain =
          Arrays.copyOf(tablesOfDomain, Math.max(domain + 1, tablesOfDomain.length * 2));
    }
    this.tables += tables - tablesOfDomain[domain];
    tablesOfDomain[domain] = tables;
    tablesMax = Math.max(tablesMax, this.tables);
  }

  /** All hosts together. */
  static IovaAnalysis.Iova result(List<IovaFigures> hosts) {
    IovaFigures sum = new IovaFigures();
    for (IovaFigures host : hosts) {
      sum.add(host);
    }
    List<IovaAnalysis.SourceCount> sources = new ArrayList<>();
    for (IovaSource source : IovaSource.values()) {
      long count = sum.bySource[source.ordinal()];
      if (count > 0 || source.compareTo(IovaSource.CLIENT) < 0) {
        sources.add(new IovaAnalysis.SourceCount(source.label(), count));
      }
    }
    List<IovaAnalysis.DestinationCount> destinations = new ArrayList<>();
    for (IovaDestination destination : IovaDestination.values()) {
      long count = sum.byDestination[destination.ordinal()];
      if (count > 0 || destination.compareTo(IovaDestination.CLIENT) < 0) {
        destinations.add(new IovaAnalysis.DestinationCount(destination.label(), count));
      }
    }
    List<IovaAnalysis.SizeCount> sizes = new ArrayList<>();
    for (int order = 0; order < ORDERS; order++) {
      if (sum.byOrder[order] > 0) {
        sizes.add(
            new IovaAnalysis.SizeCount(order, sum.byOrder[order], sum.fromTreeByOrder[order]));
      }
    }
    return new IovaAnalysis.Iova(
        List.copyOf(sources),
        List.copyOf(destinations),
        sum.walk.distribution(),
        sum.cacheFlushes,
        sum.rangesFlushed,
        sum.depotTrims,
        sum.rangesTrimmed,
        List.copyOf(sizes),
        sum.pagesMax,
        sum.tablesMax);
  }

  private void add(IovaFigures other) {
    addAll(bySource, other.bySource);
    addAll(byDestination, other.byDestination);
    addAll(byOrder, other.byOrder);
    addAll(fromTreeByOrder, other.fromTreeByOrder);
    walk.add(other.walk);
    cacheFlushes += other.cacheFlushes;
    rangesFlushed += other.rangesFlushed;
    depotTrims += other.depotTrims;
    rangesTrimmed += other.rangesTrimmed;
    pagesMax += other.pagesMax;
    tablesMax += other.tablesMax;
  }

  private static void addAll(long[] into, long[] from) {
    for (int i = 0; i < into.length; i++) {
      into[i] += from[i];
    }
  }
}
