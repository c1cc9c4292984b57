package dev.mapstorm.actors.host;

import dev.mapstorm.actors.backend.arm32.ArmDmaSpec;
import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.powerpc.TceDmaSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;

/**
 * What one client makes its host hold. Sizes are those of HotSpot with compressed references.
 * Domains that neither are dma-iommu's nor have a window or bounce buffers count as those of the
 * direct map.
 *
 * @param inFlight bytes of its requests: what driver, domain and device keep of each, and messages
 * @param inDomain bytes that its CPU takes in its domain: locks, magazines, a ring, page tables,
 *     ranges
 * @param pool bytes of the buffers that it cycles through
 * @param events that it causes until the end
 * @param eventWords words of these, see {@code EventWords}
 */
record ClientMemory(long inFlight, long inDomain, long pool, double events, double eventWords) {
  static final long LOCK = 80;

  private static final long NANOS = 1_000_000_000L;
  private static final long RECORDED_OP = 12;
  private static final long CALLING_CPU = 320;
  private static final long CALL = 440;
  private static final long REQUEST = 144;
  private static final long MAPPING = 64;
  private static final long POSTED = 64;
  private static final long MESSAGES = 120;

  /** A node of the tree with its place in the index; both grow by doubling. */
  private static final long TREE_NODE = 56;

  private static final long RING_ENTRY = 40;
  private static final long PER_CPU_GROUPS = 4 * 152;
  private static final long LARGE_PAGE_GRANULES = 512;

  private static final long BOUNCED_MAPPING = 200;
  private static final long BOUNCE = 64;

  /** Of a backend with a window: a call, a mapping and a range of it; a table on its way. */
  private static final long WINDOW_CALL = 1_500;

  private static final long WINDOW_MAPPING = 250;
  private static final long WINDOW_RANGE = 24;
  private static final long WINDOW_TABLES = 3 * 4096 + 600;
  private static final long WINDOW_TABLE_ENTRIES = 512;

  /** Events of a request apart from those of its mappings, and of each mapping. */
  private static final long EVENTS_A_REQUEST = 8;

  private static final long EVENTS_A_TRANSLATED_MAPPING = 7;
  private static final long EVENTS_A_DIRECT_MAPPING = 2;
  private static final double WORDS_AN_EVENT = 8.5;

  /**
   * A client of a host.
   *
   * @param client one of {@code spec.clients()}
   * @param onDevice how many of these drive its device
   * @param inDomain how many of these map in its domain
   */
  static ClientMemory of(ClientSpec client, HostSpec spec, int onDevice, int inDomain) {
    DomainSpec domain = spec.domains().get(spec.devices().get(client.device()).domain());
    if (client instanceof ClientSpec.Recorded recorded) {
      return recorded(recorded, spec, domain);
    }
    if (client instanceof ClientSpec.Synthetic keeping && keeping.workload().kept() != null) {
      return keeping(keeping, spec, domain, onDevice);
    }
    ClientSpec.Queue queue = (ClientSpec.Queue) client;
    Shape shape =
        queue instanceof ClientSpec.Synthetic synthetic
            ? Shape.of(synthetic, domain)
            : Shape.of(((ClientSpec.Repeated) queue).requests(), domain, queue.api());
    LoadSpec load = queue.load();
    double begun = begun(queue, spec, shape, onDevice, spec.endNs());
    double unflushed = begun(queue, spec, shape, onDevice, 2 * flushNs(domain));
    long depth = load.depth();
    long most = (long) Math.min(depth, begun);
    long pool =
        queue instanceof ClientSpec.Synthetic synthetic
            ? synthetic.workload().buffers() * (array(shape.pieces(), 8) + 4)
            : 0;
    long drawn = pool > 0 ? 0 : array(shape.pieces(), 8);
    boolean apart = queue.completionCpu() != queue.cpu();
    return new ClientMemory(
        12 * depth + (apart ? 2 : 1) * CALL + most * (shape.inFlight() + drawn),
        inDomain(domain, shape, most, ringShare(domain, inDomain), Math.min(begun, unflushed))
            + (apart ? onCpu(domain, shape) : 0),
        pool,
        begun * shape.events(),
        begun * shape.eventWords());
  }

  private static ClientMemory keeping(
      ClientSpec.Synthetic client, HostSpec spec, DomainSpec domain, int onDevice) {
    WorkloadSpec workload = client.workload();
    Shape buffer = Shape.of(client, domain);
    Shape request = buffer.reused(workload);
    double begun = begun(client, spec, request, onDevice, spec.endNs());
    long depth = client.load().depth();
    long most = (long) Math.min(depth, begun);
    long mapped =
        (long) Math.min(workload.buffers(), (double) spec.endNs() / buffer.leastNs(spec) + 1);
    return new ClientMemory(
        12 * depth
            + 2 * CALL
            + most * (request.inFlight() + request.drawn() + 3 * array(request.vectors(), 8))
            + mapped * (buffer.inFlight() + array(buffer.pieces(), 8)),
        inDomain(domain, buffer, mapped, 0, 0)
            + (client.completionCpu() == client.cpu() ? 0 : onCpu(domain, buffer)),
        8 * mapped * workload.requestsInBuffer(),
        begun * request.events() + mapped * buffer.events(),
        begun * request.eventWords() + mapped * buffer.eventWords());
  }

  private static ClientMemory recorded(
      ClientSpec.Recorded client, HostSpec spec, DomainSpec domain) {
    RecordedRequests requests = client.requests();
    Shape shape = Shape.of(requests, domain, client.api() == null ? MapApi.PAGE : client.api());
    long maps = maps(requests);
    long most = liveAtMost(requests);
    long cpus = Math.min(spec.cpus(), requests.size());
    return new ClientMemory(
        RECORDED_OP * maps + cpus * CALLING_CPU + most * (shape.inFlight() + shape.drawn()),
        inDomain(domain, shape, most, ringShare(domain, 1), maps)
            + (cpus - 1) * onCpu(domain, shape),
        0,
        requests.size() * 2.0 + maps * shape.events(),
        maps * (shape.eventWords() + 2 * WORDS_AN_EVENT));
  }

  private static long flushNs(DomainSpec domain) {
    return domain instanceof DmaIommuSpec own ? own.flush().timeoutNs() : 0;
  }

  private static long ringShare(DomainSpec domain, int clients) {
    return domain instanceof DmaIommuSpec own
        ? own.flush().entries() / (own.flush().single() ? clients : 1) + 1
        : 0;
  }

  /** Bytes of a page of a domain's page table. */
  static long table(DmaIommuSpec own) {
    return 1L << own.format().granuleShift();
  }

  /**
   * Requests that a queue begins within a time, not fewer: its CPU takes them up one after the
   * other, none is done before the device's latency is over, and the link moves one at a time.
   */
  private static double begun(
      ClientSpec.Queue queue, HostSpec spec, Shape shape, int onDevice, long withinNs) {
    LoadSpec load = queue.load();
    double limit = load.requests() == 0 ? Double.MAX_VALUE : load.requests();
    if (queue instanceof ClientSpec.Repeated repeated) {
      limit = Math.min(limit, repeated.requests().size());
    }
    if (load instanceof LoadSpec.OpenLoop open) {
      // Chance may bring more than the mean.
      limit = Math.min(limit, 1.2 * open.perSecond() * withinNs / NANOS + 64);
    }
    DeviceSpec device = spec.devices().get(queue.device());
    double transferNs =
        (double) shape.bytes() * NANOS / device.bytesPerSecond()
            + shape.granules() * device.perPageNs();
    double submitted = (double) withinNs / Math.max(1, spec.costs().submit()) + 1;
    if (spec.domains().get(device.domain()) instanceof SwiotlbSpec) {
      // With its pool full, a client's requests fail one after the other and wait for no device.
      return Math.min(limit, submitted);
    }
    double turns = (double) withinNs / Math.max(1, device.latencyNs() + device.completionNs()) + 1;
    double moved = 2 * withinNs / Math.max(1, transferNs) / onDevice;
    return Math.min(
        Math.min(limit, submitted), Math.min(load.depth() * turns, load.depth() + moved));
  }

  private static long onCpu(DomainSpec domain, Shape shape) {
    if (!(domain instanceof DmaIommuSpec own)) {
      return 0;
    }
    long orders = own.iova().orders();
    return PER_CPU_GROUPS
        + array(2 * orders, 4)
        + array(orders, 4)
        + 3 * LOCK
        + (shape.isCached(own) ? 3 * array(own.iova().magazineSize(), 8) : 0);
  }

  private static long inDomain(
      DomainSpec domain, Shape shape, long most, long ring, double unflushed) {
    if (domain instanceof SwiotlbSpec) {
      return most * shape.mappings() * shape.bounced();
    }
    if (window(domain) > 0) {
      double entries = (double) most * shape.mappings() * shape.entriesOfMapping();
      return (long) (WINDOW_CALL + entries / WINDOW_TABLE_ENTRIES * (1 << Granule.SHIFT))
          + most * (shape.mappings() * WINDOW_MAPPING + shape.pieces() * WINDOW_RANGE)
          + array(shape.granules(), 8);
    }
    if (!(domain instanceof DmaIommuSpec own)) {
      return 0;
    }
    double ranges = (double) most * shape.mappings();
    long queued = 0;
    if (domain.mode() == IommuMode.LAZY) {
      queued = (long) Math.min(ring, unflushed * shape.mappings());
      ranges += queued;
    }
    double tables = ranges * shape.entriesOfMapping() / (1L << own.format().indexBits()) + 2;
    return (long)
        (onCpu(domain, shape)
            + queued * RING_ENTRY
            + ranges * (TREE_NODE + 2 * 8)
            + tables * table(own)
            + array(shape.granules(), 8));
  }

  /** Bytes of what says which addresses of a window are taken; 0 for a domain without one. */
  static long window(DomainSpec domain) {
    if (domain instanceof TceDmaSpec own) {
      return own.window().size() / 8 + WINDOW_TABLES;
    }
    if (domain instanceof ArmDmaSpec) {
      // The first bitmap; others come when it is full.
      return 4096 + WINDOW_TABLES;
    }
    return 0;
  }

  private static long maps(RecordedRequests requests) {
    long maps = 0;
    for (boolean release : requests.release()) {
      maps += release ? 0 : 1;
    }
    return maps;
  }

  /** Requests that are mapped at a time, as they were recorded. */
  private static long liveAtMost(RecordedRequests requests) {
    long live = 0;
    long most = 0;
    for (boolean release : requests.release()) {
      live += release ? -1 : 1;
      most = Math.max(most, live);
    }
    return most;
  }

  /** Bytes of an array. */
  static long array(long length, int width) {
    return 16 + (length * width + 7) / 8 * 8;
  }

  /** Bytes of an array that holds {@code length} and grows by doubling. */
  private static long grown(long length, int width) {
    return array(Long.highestOneBit(Math.max(4, 2 * length - 1)), width);
  }

  /**
   * A request.
   *
   * @param bytes of it
   * @param pieces of physical memory
   * @param granules that it spans
   * @param mappings that it is mapped with
   * @param vectors that these give
   * @param large whether its pieces are so large that large pages map them
   * @param events that it causes
   */
  private record Shape(
      long bytes,
      long pieces,
      long granules,
      long mappings,
      long vectors,
      boolean large,
      double events) {
    static Shape of(ClientSpec.Synthetic client, DomainSpec domain) {
      WorkloadSpec workload = client.workload();
      long pieces =
          (workload.mappedBytes() + (long) workload.segmentBytes() - 1) / workload.segmentBytes();
      long granules = pieces * Granule.spanned(workload.offset(), workload.segmentBytes());
      boolean meet = workload.offset() == 0;
      long mappings =
          switch (client.api()) {
            case PAGE -> pieces;
            case IOVA -> meet && domain instanceof DmaIommuSpec ? 1 : pieces;
            case BATCH -> window(domain) > 0 ? pieces : batches(client.batch(), pieces, granules);
            default -> 1;
          };
      boolean large = granules / pieces >= LARGE_PAGE_GRANULES && hasLargePages(domain);
      mappings = Math.min(mappings, pieces);
      return new Shape(
          workload.mappedBytes(),
          pieces,
          granules,
          mappings,
          vectors(client, domain, pieces, mappings),
          large,
          events(domain, pieces, mappings));
    }

    /** How many batches a request of so many pieces takes at most. */
    private static long batches(BatchSize batch, long pieces, long granules) {
      return Math.max(
          1 + granules * Granule.BYTES / batch.bytes(), (pieces - 1) / batch.vectors() + 1);
    }

    private static boolean hasLargePages(DomainSpec domain) {
      return domain instanceof DmaIommuSpec own && Long.bitCount(own.format().pageSizes()) > 1;
    }

    /** Pieces that follow each other in IOVA space make one vector, up to a segment's length. */
    private static long vectors(
        ClientSpec.Synthetic client, DomainSpec domain, long pieces, long mappings) {
      if (!(domain instanceof DmaIommuSpec own) || client.workload().offset() != 0) {
        return pieces;
      }
      long segment = client.api() == MapApi.SG ? own.maxSegmentBytes() : Long.MAX_VALUE;
      return Math.min(pieces, Math.max(mappings, client.workload().mappedBytes() / segment + 1));
    }

    /** A request in such a buffer, which is mapped already. */
    Shape reused(WorkloadSpec workload) {
      long share = workload.requestsInBuffer();
      return new Shape(
          workload.bytes(),
          pieces / share + 2,
          granules / share + 2,
          1,
          vectors / share + 2,
          large,
          EVENTS_A_REQUEST);
    }

    /** Time that the mapping of one takes at least. */
    double leastNs(HostSpec spec) {
      return Math.max(1, mappings * spec.costs().mapCall());
    }

    private static double events(DomainSpec domain, long pieces, long mappings) {
      if (domain instanceof SwiotlbSpec) {
        return EVENTS_A_REQUEST + EVENTS_A_DIRECT_MAPPING * (double) mappings + 4.0 * pieces;
      }
      return domain.mode() == IommuMode.PASSTHROUGH
          ? EVENTS_A_REQUEST + EVENTS_A_DIRECT_MAPPING * (double) mappings
          : EVENTS_A_REQUEST + EVENTS_A_TRANSLATED_MAPPING * (double) mappings + pieces;
    }

    static Shape of(RecordedRequests requests, DomainSpec domain, MapApi api) {
      long maps = Math.max(1, maps(requests));
      long pieces = Math.max(1, (requests.phys().length + maps - 1) / maps);
      long granules = 0;
      long bytes = 0;
      for (int length : requests.length()) {
        granules += Granule.pages(length) + 1;
        bytes += length;
      }
      long mappings = api == MapApi.PAGE ? pieces : 1;
      return new Shape(
          bytes / maps,
          pieces,
          Math.max(1, granules / maps),
          mappings,
          pieces,
          false,
          events(domain, pieces, mappings));
    }

    /** Memory that is drawn for it alone. */
    long drawn() {
      return array(pieces, 8) + array(pieces, 4);
    }

    long inFlight() {
      return REQUEST
          + grown(mappings, 4)
          + grown(mappings, 8)
          + grown(2 * vectors, 8)
          + mappings * (MAPPING + grown(2 * Math.max(1, vectors / mappings), 8) + 8)
          + POSTED
          + array(2 * vectors, 8)
          + MESSAGES;
    }

    /** What the slots of the bounces of a mapping are remembered by. */
    long bounced() {
      long buffers = Math.max(1, pieces / Math.max(1, mappings));
      return BOUNCED_MAPPING + 7 * grown(buffers, 8) + buffers * BOUNCE;
    }

    double entriesOfMapping() {
      double of = (double) granules / mappings;
      return large ? of / LARGE_PAGE_GRANULES + 1 : of;
    }

    boolean isCached(DmaIommuSpec own) {
      return granules / mappings <= 1L << Math.max(0, own.iova().maxCachedOrder())
          && own.iova().orders() > 0;
    }

    double eventWords() {
      return events * WORDS_AN_EVENT + 2.0 * pieces;
    }
  }
}
