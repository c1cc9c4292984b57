package dev.mapstorm.persistence.analysis.list;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.List;

/** The lists of a host's requests that are done, and its memory regions. */
@Hears({EventKind.REGIONS_REGISTERED, EventKind.REQUEST_DONE})
final class ListFigures extends PartialSink implements HostFigures {
  private final InFlight inFlight;
  private long requests;
  private long ranges;
  private long vectors;
  private long bytes;
  private long registrations;
  private long regions;
  private long entries;

  ListFigures(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  @Override
  public void regionsRegistered(long t, int client, long op, int regions, long entries) {
    registrations++;
    this.regions += regions;
    this.entries += entries;
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    Request done = inFlight.request(client, op);
    if (!done.isKnown() || done.api() == MapApi.REUSED) {
      return;
    }
    requests++;
    ranges += done.ranges();
    vectors += done.vectors();
    this.bytes += ListAnalysis.bytes(done.api(), done.ranges(), done.vectors());
    this.bytes += done.listEntries() * ListAnalysis.LIST_ENTRY;
  }

  /** All hosts together. */
  static ListAnalysis.Lists result(List<ListFigures> hosts) {
    ListFigures sum = new ListFigures(null);
    for (ListFigures each : hosts) {
      sum.requests += each.requests;
      sum.ranges += each.ranges;
      sum.vectors += each.vectors;
      sum.bytes += each.bytes;
      sum.registrations += each.registrations;
      sum.regions += each.regions;
      sum.entries += each.entries;
    }
    return new ListAnalysis.Lists(
        sum.requests,
        sum.ranges,
        sum.vectors,
        sum.bytes,
        sum.registrations,
        sum.regions,
        sum.entries);
  }
}
