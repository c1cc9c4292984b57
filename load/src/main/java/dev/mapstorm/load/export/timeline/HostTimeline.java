package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventFanout;
import dev.mapstorm.protocol.event.EventSink;
import java.util.List;

/**
 * Draws the events of a host: tells each to the rows that it concerns, in an order in which what
 * they share, the requests, is still as they need it. Not thread-safe.
 */
final class HostTimeline {
  private final Canvas canvas;
  private final CpuRows cpus;
  private final DeviceRows devices;
  private final MappingRows mappings;
  private final DomainCounts domains;
  private final EventSink sink;

  /**
   * @param inFlight what is in flight at each event
   * @param showsMappings whether mappings will be told of; else what was asked for is not kept
   *     until it is mapped
   * @param countsIovas whether all of a domain's allocations will be told of; else IOVAs are not
   *     counted
   */
  HostTimeline(
      Canvas canvas,
      RunOutline run,
      InFlight inFlight,
      boolean showsMappings,
      boolean countsIovas) {
    this.canvas = canvas;
    Requests requests = new Requests(inFlight, showsMappings);
    cpus = new CpuRows(canvas, requests, inFlight);
    devices = new DeviceRows(canvas, run, requests);
    mappings = new MappingRows(canvas, run, requests, inFlight);
    domains = new DomainCounts(canvas, countsIovas);
    sink = new EventFanout(List.of(cpus, mappings, domains, devices, requests));
  }

  /** The window opens. */
  void open() {
    if (!canvas.isOpen()) {
      canvas.open();
      devices.opened();
      mappings.opened();
      domains.opened();
    }
  }

  /** The trace of the host ends; nothing is drawn of one that ends before the window. */
  void finish(long t) {
    if (t < canvas.from()) {
      return;
    }
    open();
    devices.finish(t);
    mappings.finish(t);
    cpus.finish(t);
  }

  /** Where the host's events go. */
  EventSink sink() {
    return sink;
  }
}
