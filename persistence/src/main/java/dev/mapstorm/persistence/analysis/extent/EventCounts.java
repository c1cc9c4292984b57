package dev.mapstorm.persistence.analysis.extent;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.HeadSink;
import java.util.ArrayList;
import java.util.List;

/** Events by kind and the span that they cover. */
final class EventCounts extends HeadSink implements HostFigures {
  private final long[] ofKind = new long[EventKind.CODES];
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;

  @Override
  protected void head(EventKind kind, long t) {
    ofKind[kind.code()]++;
    if (t < first) {
      first = t;
    }
    if (t > last) {
      last = t;
    }
  }

  void add(EventCounts other) {
    for (int i = 0; i < ofKind.length; i++) {
      ofKind[i] += other.ofKind[i];
    }
    first = Math.min(first, other.first);
    last = Math.max(last, other.last);
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  long spanNs() {
    return last < first ? 0 : last - first;
  }

  ExtentAnalysis.Run result(int hosts) {
    List<ExtentAnalysis.KindCount> kinds = new ArrayList<>();
    long requests = 0;
    long outcomes = 0;
    for (EventKind kind : EventKind.values()) {
      long n = ofKind[kind.code()];
      if (n == 0) {
        continue;
      }
      kinds.add(new ExtentAnalysis.KindCount(kind.label(), n));
      if (kind.isRequest()) {
        requests += n;
      } else {
        outcomes += n;
      }
    }
    boolean none = kinds.isEmpty();
    return new ExtentAnalysis.Run(
        hosts,
        requests + outcomes,
        requests,
        outcomes,
        none ? 0 : first,
        none ? 0 : last,
        spanNs(),
        List.copyOf(kinds));
  }
}
