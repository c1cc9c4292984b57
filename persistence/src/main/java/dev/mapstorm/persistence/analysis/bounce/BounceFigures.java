package dev.mapstorm.persistence.analysis.bounce;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The bounce buffers of a host. */
@Hears({
  EventKind.BOUNCED,
  EventKind.BOUNCE_FAILED,
  EventKind.BOUNCE_COPIED,
  EventKind.BOUNCE_RELEASED,
  EventKind.POOL_ADDED
})
final class BounceFigures extends PartialSink implements HostFigures {
  private final long[] byResult = new long[BounceResult.values().length];
  private long buffers;
  private long bytesIn;
  private long bytesBack;
  private long checked;
  private long areas;
  private long poolsAdded;
  private long[] usedOfDomain = new long[4];
  private long used;
  private long usedMax;

  @Override
  public void bounced(
      long t,
      int domain,
      long call,
      long physPfn,
      long address,
      long bytes,
      int buffers,
      int result,
      int slots,
      int checked,
      int areas,
      long used) {
    byResult[result]++;
    this.buffers += buffers;
    bytesIn += bytes;
    searched(checked, areas);
    use(domain, used);
  }

  @Override
  public void bounceFailed(
      long t, int domain, long call, long bytes, int result, int checked, int areas, long used) {
    byResult[result]++;
    searched(checked, areas);
  }

  private void searched(int slots, int inAreas) {
    checked += slots;
    areas += inAreas;
  }

  @Override
  public void bounceCopied(
      long t, int domain, long mapping, long address, long bytes, int direction) {
    if (direction == Direction.FROM_DEVICE.ordinal()) {
      bytesBack += bytes;
    } else {
      bytesIn += bytes;
    }
  }

  @Override
  public void bounceReleased(long t, int domain, long call, long address, int slots, long used) {
    use(domain, used);
  }

  @Override
  public void poolAdded(long t, int domain, long call, int slots, int areas) {
    poolsAdded += slots > 0 ? 1 : 0;
  }

  private void use(int domain, long slots) {
    if (domain >= usedOfDomain.length) {
      usedOfDomain = Arrays.copyOf(usedOfDomain, Math.max(domain + 1, 2 * usedOfDomain.length));
    }
    used += slots - usedOfDomain[domain];
    usedOfDomain[domain] = slots;
    usedMax = Math.max(usedMax, used);
  }

  /** All hosts together. */
  static BounceAnalysis.Bounces result(List<BounceFigures> hosts) {
    BounceFigures sum = new BounceFigures();
    hosts.forEach(sum::add);
    List<ReasonCount> results = new ArrayList<>();
    for (BounceResult result : BounceResult.values()) {
      if (result != BounceResult.DIRECT) {
        results.add(new ReasonCount(result.label(), sum.byResult[result.ordinal()]));
      }
    }
    return new BounceAnalysis.Bounces(
        List.copyOf(results),
        sum.buffers,
        sum.bytesIn,
        sum.bytesBack,
        sum.checked,
        sum.areas,
        sum.usedMax,
        sum.poolsAdded);
  }

  private void add(BounceFigures other) {
    for (int i = 0; i < byResult.length; i++) {
      byResult[i] += other.byResult[i];
    }
    buffers += other.buffers;
    bytesIn += other.bytesIn;
    bytesBack += other.bytesBack;
    checked += other.checked;
    areas += other.areas;
    usedMax += other.usedMax;
    poolsAdded += other.poolsAdded;
  }
}
