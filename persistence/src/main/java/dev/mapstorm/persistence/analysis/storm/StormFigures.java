package dev.mapstorm.persistence.analysis.storm;

import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Counts the invalidations of a host in windows, keeps for each window that may turn out a storm
 * who caused them, and finds the storms once the run's median is known.
 *
 * <p>The cause of an invalidation is the flush that its call runs, with its reason, or else the
 * unmapping itself. Its client is that of the call; the flush timer's work has none.
 */
@Hears(EventKind.INVALIDATION_POSTED)
final class StormFigures extends PartialSink implements HostFigures {
  private static final String UNMAPPING = "unmap (strict)";
  private static final int REASONS = FlushReason.values().length + 1;

  private final int host;
  private final AnalysisOptions options;
  private final InFlight inFlight;

  private long window = Long.MIN_VALUE;
  private long windowEnd = Long.MIN_VALUE;
  private long count;

  /** Invalidations of the open window by cause; a cause is (client + 1) * REASONS + reason. */
  private int[] byCause = new int[64 * REASONS];

  private int[] causes = new int[64];
  private int causeCount;

  /** Closed non-empty windows: number and count of each. */
  private long[] windows = new long[1024];

  private int windowCount;

  /** Causes of the windows above the floor: window, cause, count. */
  private long[] log = new long[1024];

  private int logSize;

  StormFigures(int host, AnalysisOptions options, InFlight inFlight) {
    this.host = host;
    this.options = options;
    this.inFlight = inFlight;
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
    if (t >= windowEnd) {
      close();
      window = t / options.windowNs();
      windowEnd = (window + 1) * options.windowNs();
    }
    count++;
    Call by = inFlight.call(domain, call);
    int flush = by.isFlushing() ? by.flushReason().ordinal() : -1;
    int cause = (by.client() + 1) * REASONS + flush + 1;
    if (cause >= byCause.length) {
      byCause = Arrays.copyOf(byCause, Math.max(cause + 1, byCause.length * 2));
    }
    if (byCause[cause]++ == 0) {
      if (causeCount == causes.length) {
        causes = Arrays.copyOf(causes, causeCount * 2);
      }
      causes[causeCount++] = cause;
    }
  }

  /** Puts the open window away. */
  private void close() {
    if (count == 0) {
      return;
    }
    windows = room(windows, windowCount * 2 + 2);
    windows[windowCount * 2] = window;
    windows[windowCount * 2 + 1] = count;
    windowCount++;
    for (int i = 0; i < causeCount; i++) {
      if (count > options.stormFloor()) {
        log = room(log, logSize + 3);
        log[logSize] = window;
        log[logSize + 1] = causes[i];
        log[logSize + 2] = byCause[causes[i]];
        logSize += 3;
      }
      byCause[causes[i]] = 0;
    }
    causeCount = 0;
    count = 0;
  }

  private static long[] room(long[] array, int size) {
    return size > array.length ? Arrays.copyOf(array, array.length * 2) : array;
  }

  /** The same, with the open window closed, so that a result does not disturb the count. */
  private StormFigures closed() {
    StormFigures copy = new StormFigures(host, options, inFlight);
    copy.window = window;
    copy.count = count;
    copy.byCause = byCause.clone();
    copy.causes = causes.clone();
    copy.causeCount = causeCount;
    copy.windows = windows.clone();
    copy.windowCount = windowCount;
    copy.log = log.clone();
    copy.logSize = logSize;
    copy.close();
    return copy;
  }

  /** The window with most invalidations, the first of equals; null without any. */
  StormAnalysis.Window worst() {
    StormFigures all = closed();
    int worst = -1;
    for (int i = 0; i < all.windowCount; i++) {
      if (worst < 0 || all.countOf(i) > all.countOf(worst)) {
        worst = i;
      }
    }
    return worst < 0
        ? null
        : new StormAnalysis.Window(
            host, all.startOf(worst), options.windowNs(), all.countOf(worst));
  }

  /** The storms of all hosts. */
  static StormAnalysis.Storms result(List<StormFigures> hosts, AnalysisOptions options) {
    List<StormAnalysis.Storm> storms = new ArrayList<>();
    for (StormFigures host : hosts) {
      host.closed().find(storms);
    }
    storms.sort(Comparator.comparingLong(StormAnalysis.Storm::invalidations).reversed());
    return new StormAnalysis.Storms(
        options,
        storms.size(),
        List.copyOf(storms.subList(0, Math.min(options.top(), storms.size()))));
  }

  private long countOf(int i) {
    return windows[i * 2 + 1];
  }

  private long startOf(int i) {
    return windows[i * 2] * options.windowNs();
  }

  /** The median of the non-empty windows, the lower one of two. */
  private long median() {
    long[] counts = new long[windowCount];
    Arrays.setAll(counts, this::countOf);
    Arrays.sort(counts);
    return counts.length == 0 ? 0 : counts[(counts.length - 1) / 2];
  }

  private void find(List<StormAnalysis.Storm> into) {
    long median = median();
    long limit = Math.max(median * options.stormFactor(), options.stormFloor());
    for (int i = 0; i < windowCount; i++) {
      if (countOf(i) <= limit) {
        continue;
      }
      int from = i;
      while (i + 1 < windowCount
          && countOf(i + 1) > limit
          && windows[i * 2 + 2] == windows[i * 2] + 1) {
        i++;
      }
      into.add(storm(from, i, median));
    }
  }

  private StormAnalysis.Storm storm(int from, int to, long median) {
    long sum = 0;
    long peak = 0;
    for (int i = from; i <= to; i++) {
      sum += countOf(i);
      peak = Math.max(peak, countOf(i));
    }
    long[] ofCause = new long[byCause.length];
    for (int i = 0; i < logSize; i += 3) {
      if (log[i] >= windows[from * 2] && log[i] <= windows[to * 2]) {
        ofCause[(int) log[i + 1]] += log[i + 2];
      }
    }
    return new StormAnalysis.Storm(
        host,
        startOf(from),
        startOf(to) + options.windowNs(),
        sum,
        peak,
        median,
        clients(ofCause),
        reasons(ofCause));
  }

  private List<StormAnalysis.ClientShare> clients(long[] ofCause) {
    List<StormAnalysis.ClientShare> shares = new ArrayList<>();
    for (int cause = 0; cause < ofCause.length; cause += REASONS) {
      long n = 0;
      for (int reason = 0; reason < REASONS && cause + reason < ofCause.length; reason++) {
        n += ofCause[cause + reason];
      }
      if (n > 0) {
        shares.add(new StormAnalysis.ClientShare(cause / REASONS - 1, n));
      }
    }
    shares.sort(Comparator.comparingLong(StormAnalysis.ClientShare::invalidations).reversed());
    return List.copyOf(shares.subList(0, Math.min(options.top(), shares.size())));
  }

  private List<ReasonCount> reasons(long[] ofCause) {
    long[] ofReason = new long[REASONS];
    for (int cause = 0; cause < ofCause.length; cause++) {
      ofReason[cause % REASONS] += ofCause[cause];
    }
    List<ReasonCount> counts = new ArrayList<>();
    for (int reason = 0; reason < REASONS; reason++) {
      if (ofReason[reason] > 0) {
        String label = reason == 0 ? UNMAPPING : FlushReason.of(reason - 1).label();
        counts.add(new ReasonCount(label, ofReason[reason]));
      }
    }
    counts.sort(Comparator.comparingLong(ReasonCount::count).reversed());
    return List.copyOf(counts);
  }
}
