package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.FlushSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.List;

/** Streams of simulated hosts, for tests: an NVMe-like device for each of some domains. */
public final class Runs {
  private static final Costs COSTS =
      new Costs(
          14, 8, 12, 30, 20, 60, 120, 4, 90, 40, 10, 8, 250, 12, 10, 5, 15, 60, 400, 500, 280, 2,
          197, 1, 150, 60, 800, 120);

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
    List<DomainSpec> domainSpecs = new ArrayList<>();
    List<DeviceSpec> devices = new ArrayList<>();
    for (int i = 0; i < domains; i++) {
      domainSpecs.add(
          new DomainSpec(
              0,
              mode,
              iova(),
              (1L << 36) - 1,
              true,
              List.of(new long[] {0xfee00, 0xfeeff}),
              PageSizes.VTD_4K_2M_1G,
              4,
              new FlushSpec(false, ring, flushNs),
              0xffffffffL,
              65536));
      devices.add(new DeviceSpec("nvme" + i, i, 20_000, 5_000, 64, 7_000_000_000L, 65, 300));
    }
    WorkloadSpec workload = new WorkloadSpec(pages * 4096, segmentPages * 4096, 70, 8, offset);
    List<ClientSpec> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(
          new ClientSpec.Synthetic("queue-" + i, i % domains, i, api, 128 * 1024, load, workload));
    }
    return new HostSpec(
        0,
        seed,
        clients,
        endNs,
        COSTS,
        List.of(new IommuSpec(64, 8, 256, 18)),
        domainSpecs,
        devices,
        all,
        journal);
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
