package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.List;

/** Streams of simulated hosts, for tests: an NVMe-like device for each of some domains. */
public final class Runs {
  private int host;
  private IommuMode mode = IommuMode.STRICT;
  private MapApi api = MapApi.PAGE;
  private int pages = 1;
  private int segmentPages = 1;
  private int offset;
  private int clients = 2;
  private int domains = 1;
  private int ring = 256;
  private int magazine = 127;
  private long flushNs = 10_000_000;
  private long endNs = 1_000_000;
  private long seed = 1;
  private JournalSpec journal = new JournalSpec(true, 4096, 10_000_000, 2, 0);
  private LoadSpec load = new LoadSpec.ClosedLoop(8, 0);

  private Runs() {}

  /** Strict, page by page, 4 KiB, two clients of depth 8, 1 ms. */
  public static Runs nvme() {
    return new Runs();
  }

  public Runs host(int number) {
    host = number;
    return this;
  }

  public Runs mode(IommuMode value) {
    mode = value;
    return this;
  }

  public Runs api(MapApi value) {
    api = value;
    return this;
  }

  public Runs pages(int request, int segment, int offsetBytes) {
    pages = request;
    segmentPages = Math.min(segment, request);
    offset = offsetBytes;
    return this;
  }

  public Runs clients(int value) {
    clients = value;
    return this;
  }

  public Runs domains(int value) {
    domains = value;
    return this;
  }

  public Runs flush(int ringSize, long timeoutNs) {
    ring = ringSize;
    flushNs = timeoutNs;
    return this;
  }

  public Runs magazine(int ranges) {
    magazine = ranges;
    return this;
  }

  public Runs end(long ns) {
    endNs = ns;
    return this;
  }

  public Runs journal(JournalSpec value) {
    journal = value;
    return this;
  }

  public Runs seed(long value) {
    seed = value;
    return this;
  }

  public Runs load(LoadSpec value) {
    load = value;
    return this;
  }

  /** The sizes of the IOVA caches. */
  public IovaParameters iova() {
    return new IovaParameters(magazine, 5, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);
  }

  /** The host. */
  public HostSpec spec() {
    return TestHosts.nvme()
        .host(host)
        .mode(mode)
        .api(api)
        .workload(pages * 4096, segmentPages * 4096, offset)
        .clients(clients)
        .cpus(clients)
        .domains(domains)
        .flush(new FlushSpec(false, ring, flushNs))
        .iova(iova())
        .load(load)
        .end(endNs)
        .seed(seed)
        .journal(journal)
        .build();
  }

  /** Executes the host and shows its events. */
  public void feed(EventSink sink) {
    new BareLoop(spec(), words -> words.forEach(sink)).run();
  }

  /** Its events. */
  public List<Event> events() {
    List<Event> events = new ArrayList<>();
    feed(new EventRecorder(events::add));
    return events;
  }
}
