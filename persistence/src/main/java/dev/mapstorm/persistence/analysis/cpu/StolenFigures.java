package dev.mapstorm.persistence.analysis.cpu;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Arrays;
import java.util.List;

/** CPU time of a host that went to work of no client. */
@Hears(EventKind.CPU_STOLEN)
final class StolenFigures extends PartialSink implements HostFigures {
  private final int host;
  private final InFlight inFlight;
  private long[] times = new long[16];
  private long[] ns = new long[16];
  private long[] longest = new long[16];

  StolenFigures(int host, InFlight inFlight) {
    this.host = host;
    this.inFlight = inFlight;
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    int cpu = inFlight.call(domain, call).cpu();
    if (cpu < 0) {
      return;
    }
    if (cpu >= times.length) {
      int n = Math.max(cpu + 1, times.length * 2);
      times = Arrays.copyOf(times, n);
      this.ns = Arrays.copyOf(this.ns, n);
      longest = Arrays.copyOf(longest, n);
    }
    times[cpu]++;
    this.ns[cpu] += ns;
    longest[cpu] = Math.max(longest[cpu], ns);
  }

  /** Appends a row for each CPU that lost time. */
  void rows(List<StolenAnalysis.Stolen> into) {
    for (int cpu = 0; cpu < times.length; cpu++) {
      if (times[cpu] > 0) {
        into.add(new StolenAnalysis.Stolen(host, cpu, times[cpu], ns[cpu], longest[cpu]));
      }
    }
  }
}
