package dev.mapstorm.persistence.analysis.invalidation;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Ratio;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.analysis.storm.StormAnalysis;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The IOTLB invalidations of a host, in all and by unit. */
@Hears({
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.DEVICE_INVALIDATED,
  EventKind.INVALIDATION_TIMED_OUT
})
final class InvalidationFigures extends PartialSink implements HostFigures {
  private static final int PSI = InvalidationKind.PSI.ordinal();

  private final int host;
  private final InFlight inFlight;
  private Tally[] units = new Tally[4];
  private long pageSelective;
  private long domainSelective;
  private long pagesAsked;
  private long pagesCovered;
  private long byDevices;
  private long deviceDropped;
  private long timedOut;

  InvalidationFigures(int host, InFlight inFlight) {
    this.host = host;
    this.inFlight = inFlight;
  }

  /** The sums of one unit. */
  private static final class Tally {
    long posted;
    long dropped;
    long inFlight;
    long inFlightMax;
    final Samples latency = new Samples();
  }

  @Override
  public void pack() {
    for (Tally unit : units) {
      if (unit != null) {
        unit.latency.pack();
      }
    }
  }

  private Tally of(int iommu) {
    if (iommu >= units.length) {
      units = Arrays.copyOf(units, Math.max(iommu + 1, units.length * 2));
    }
    Tally unit = units[iommu];
    if (unit == null) {
      unit = new Tally();
      units[iommu] = unit;
    }
    return unit;
  }

  @Override
  public void invalidationPosted(
      long t,
      int iommu,
      long ticket,
      int domain,
      long call,
      int kind,
      long pfn,
      long pages,
      long covered) {
    if (kind == PSI) {
      pageSelective++;
      pagesAsked += pages;
      pagesCovered += covered;
    } else {
      domainSelective++;
    }
    Tally unit = of(iommu);
    unit.posted++;
    if (++unit.inFlight > unit.inFlightMax) {
      unit.inFlightMax = unit.inFlight;
    }
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Tally unit = of(iommu);
    unit.inFlight--;
    unit.dropped += dropped;
    unit.latency.record(t - inFlight.invalidation(iommu, ticket).since());
  }

  @Override
  public void deviceInvalidated(long t, int iommu, long ticket, int device, int dropped) {
    byDevices++;
    deviceDropped += dropped;
  }

  @Override
  public void invalidationTimedOut(long t, int iommu, long ticket, int device, int timeout) {
    timedOut++;
  }

  /** All hosts together. */
  static InvalidationAnalysis.Invalidations result(
      List<InvalidationFigures> hosts, StormAnalysis.Window worst, long spanNs) {
    InvalidationFigures sum = new InvalidationFigures(-1, new InFlight());
    Tally total = new Tally();
    List<InvalidationAnalysis.Unit> rows = new ArrayList<>();
    for (InvalidationFigures host : hosts) {
      sum.pageSelective += host.pageSelective;
      sum.domainSelective += host.domainSelective;
      sum.pagesAsked += host.pagesAsked;
      sum.pagesCovered += host.pagesCovered;
      sum.byDevices += host.byDevices;
      sum.deviceDropped += host.deviceDropped;
      sum.timedOut += host.timedOut;
      host.rows(total, rows);
    }
    return new InvalidationAnalysis.Invalidations(
        sum.pageSelective,
        sum.domainSelective,
        sum.pagesAsked,
        sum.pagesCovered,
        total.dropped,
        Ratio.perSecond(total.posted, spanNs),
        total.latency.distribution(),
        worst,
        List.copyOf(rows),
        sum.byDevices,
        sum.deviceDropped,
        sum.timedOut);
  }

  private void rows(Tally total, List<InvalidationAnalysis.Unit> into) {
    for (int iommu = 0; iommu < units.length; iommu++) {
      Tally unit = units[iommu];
      if (unit == null) {
        continue;
      }
      total.posted += unit.posted;
      total.dropped += unit.dropped;
      total.latency.add(unit.latency);
      into.add(
          new InvalidationAnalysis.Unit(
              host,
              iommu,
              unit.posted,
              unit.latency.count(),
              unit.dropped,
              unit.inFlightMax,
              unit.latency.distribution()));
    }
  }
}
