package dev.mapstorm.persistence.analysis.device;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the devices of a host translated, and what they could not use. */
@Hears({EventKind.TRANSLATED, EventKind.FAULTED, EventKind.STRAYED, EventKind.DEVICE_TLB_USED})
final class TranslationFigures extends PartialSink implements HostFigures {
  private static final int CAUSES = StrayCause.values().length;
  private static final int OUTCOMES = AccessOutcome.values().length;

  private final int host;
  private Tally[] devices = new Tally[4];
  private final long[] faultsByError = new long[DmaError.values().length];
  private final long[] strays = new long[CAUSES * OUTCOMES];

  TranslationFigures(int host) {
    this.host = host;
  }

  /** The sums of one device. */
  private static final class Tally {
    long translations;
    long pages;
    long hits;
    long reads;
    long stallNs;
    long stallMaxNs;
    long faults;
    long tlbPages;
    long tlbHits;

    /** Stalls that may not be over, pairs of beginning and length: a device may have several. */
    long[] open = new long[2];

    int openWords;

    /** Sums up the stalls that are over, and notes one that begins. */
    void stall(long t, long ns) {
      int kept = 0;
      for (int i = 0; i < openWords; i += 2) {
        if (open[i] + open[i + 1] <= t) {
          over(open[i + 1]);
        } else {
          open[kept++] = open[i];
          open[kept++] = open[i + 1];
        }
      }
      if (kept == open.length) {
        open = Arrays.copyOf(open, kept * 2);
      }
      open[kept++] = t;
      open[kept++] = ns;
      openWords = kept;
    }

    private void over(long ns) {
      stallNs += ns;
      stallMaxNs = Math.max(stallMaxNs, ns);
    }

    void add(Tally other) {
      translations += other.translations;
      pages += other.pages;
      hits += other.hits;
      reads += other.reads;
      stallNs += other.stallNs;
      stallMaxNs = Math.max(stallMaxNs, other.stallMaxNs);
      faults += other.faults;
      tlbPages += other.tlbPages;
      tlbHits += other.tlbHits;
    }

    /** The same without what of its stalls lies behind {@code last}. */
    Tally upTo(long last) {
      Tally cut = new Tally();
      cut.add(this);
      for (int i = 0; i < openWords; i += 2) {
        cut.over(Math.min(open[i + 1], last - open[i]));
      }
      return cut;
    }

    TranslationAnalysis.Device result(int host, int device) {
      return new TranslationAnalysis.Device(
          host,
          device,
          translations,
          pages,
          hits,
          reads,
          stallNs,
          stallMaxNs,
          faults,
          tlbPages,
          tlbHits);
    }
  }

  private Tally of(int device) {
    if (device >= devices.length) {
      devices = Arrays.copyOf(devices, Math.max(device + 1, devices.length * 2));
    }
    Tally tally = devices[device];
    if (tally == null) {
      tally = new Tally();
      devices[device] = tally;
    }
    return tally;
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    Tally tally = of(device);
    tally.translations++;
    tally.pages += pages;
    tally.hits += hits;
    tally.reads += reads;
    tally.stall(t, stallNs);
  }

  @Override
  public void deviceTlbUsed(long t, int device, int client, long op, long pages, long hits) {
    Tally tally = of(device);
    tally.tlbPages += pages;
    tally.tlbHits += hits;
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    of(device).faults++;
    faultsByError[error]++;
  }

  @Override
  public void strayed(
      long t, int device, int client, long op, long pfn, int cause, int direction, int outcome) {
    strays[cause * OUTCOMES + outcome]++;
  }

  /** Stray accesses of all hosts, by cause and outcome. */
  private static List<TranslationAnalysis.StrayCount> strays(List<TranslationFigures> hosts) {
    List<TranslationAnalysis.StrayCount> counts = new ArrayList<>();
    for (int i = 0; i < CAUSES * OUTCOMES; i++) {
      int at = i;
      long count = hosts.stream().mapToLong(host -> host.strays[at]).sum();
      if (count > 0) {
        counts.add(
            new TranslationAnalysis.StrayCount(
                StrayCause.of(at / OUTCOMES).label(),
                AccessOutcome.of(at % OUTCOMES).label(),
                count));
      }
    }
    return List.copyOf(counts);
  }

  /** All hosts together; {@code spans} has that of each. */
  static TranslationAnalysis.Translation result(
      List<TranslationFigures> hosts, List<ExtentAnalysis.Span> spans) {
    Tally total = new Tally();
    List<TranslationAnalysis.Device> rows = new ArrayList<>();
    long[] faults = new long[DmaError.values().length];
    for (int i = 0; i < spans.size(); i++) {
      TranslationFigures host = hosts.get(i);
      for (int device = 0; device < host.devices.length; device++) {
        if (host.devices[device] != null) {
          Tally tally = host.devices[device].upTo(spans.get(i).lastNs());
          total.add(tally);
          rows.add(tally.result(host.host, device));
        }
      }
      Arrays.setAll(faults, error -> faults[error] + host.faultsByError[error]);
    }
    List<TranslationAnalysis.ErrorCount> errors = new ArrayList<>();
    for (DmaError error : DmaError.values()) {
      if (faults[error.ordinal()] > 0) {
        errors.add(new TranslationAnalysis.ErrorCount(error.label(), faults[error.ordinal()]));
      }
    }
    return new TranslationAnalysis.Translation(
        total.result(-1, -1), List.copyOf(rows), List.copyOf(errors), strays(hosts));
  }
}
