package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;
import java.util.List;

/** CPU time of a host that went to work of no client. */
final class CpuFigures implements EventSink {
  private final int host;
  private long[] times = new long[16];
  private long[] ns = new long[16];

  CpuFigures(int host) {
    this.host = host;
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    if (cpu >= times.length) {
      int n = Math.max(cpu + 1, times.length * 2);
      times = Arrays.copyOf(times, n);
      this.ns = Arrays.copyOf(this.ns, n);
    }
    times[cpu]++;
    this.ns[cpu] += ns;
  }

  /** Appends a row for each CPU that lost time. */
  void rows(List<AnalysisResult.Stolen> into) {
    for (int cpu = 0; cpu < times.length; cpu++) {
      if (times[cpu] > 0) {
        into.add(new AnalysisResult.Stolen(host, cpu, times[cpu], ns[cpu]));
      }
    }
  }
}
