package dev.mapstorm.load.explain;

import dev.mapstorm.load.explain.TraceExplanation.Fault;
import dev.mapstorm.load.explain.TraceExplanation.MappedTwice;
import dev.mapstorm.load.explain.TraceExplanation.NeverUnmapped;
import dev.mapstorm.load.explain.TraceExplanation.StrayUnmap;
import dev.mapstorm.load.explain.TraceExplanation.Use;
import dev.mapstorm.load.trace.LiveMaps;
import dev.mapstorm.load.trace.PieceGroup;
import dev.mapstorm.load.trace.PieceJoin;
import dev.mapstorm.load.trace.PolicyEvidence;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.load.trace.TraceEvent.IommuUnmap;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Follows the mappings of a trace. No model is asked: what is said is in the lines.
 *
 * <p>{@code iommu:map} and {@code unmap} name no device; the {@code dma:*} line of the same task or
 * interrupt does ({@link PieceJoin}). What none claims belongs to clients of the IOMMU API (VFIO,
 * iommufd, GPUs), to the two-step DMA calls, or to a kernel before 6.12: its device is unknown. An
 * unmapping is that of the page table where it is logged; the {@code dma:*} line tells whose.
 *
 * <p>Streaming; memory is bounded by the addresses that occur. Not thread safe.
 */
public final class TraceExplainer {
  private static final String UNKNOWN = "";
  private static final String INTEL_LIST = "map_sg";

  /** What a task or interrupt is about. */
  private static final class Context {
    /** Device and first address that {@code dma_unmap_sg} or {@code dma_free} named. */
    private String namedDevice = UNKNOWN;

    private long namedAddress = -1;
    private String namedBy = "";

    /** A page-table unmapping that several devices could own. */
    private Optional<Act> pending = Optional.empty();

    private long pendingAddress;

    /**
     * First address of the last page-table unmapping, which a {@code dma:*} line may still name.
     */
    private long ended = -1;

    /** The list of the VT-d driver's own calls that is being mapped. */
    private Optional<Mapping> list = Optional.empty();

    /** The list of these that it unmapped last, until a second line says so. */
    private long unmappedList = -1;
  }

  private final TraceReader trace;
  private final PolicyEvidence policy = new PolicyEvidence();
  private final PieceJoin pieces = new PieceJoin();
  private final LiveMaps lists = new LiveMaps();
  private final Owners owners = new Owners();
  private final Map<String, AddressSpace> spaces = new LinkedHashMap<>();
  private final Map<Long, Context> contexts = new HashMap<>();
  private final Map<String, Tally> devices = new LinkedHashMap<>();
  private final Map<List<String>, Tally> tasks = new LinkedHashMap<>();
  private final FailureCount failures = new FailureCount();
  private final BounceCount bounces = new BounceCount();
  private final List<StrayUnmap> strays = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<MappedTwice> twice = new ArrayList<>();

  /** Mappings whose address was mapped again before a line told of their unmapping. */
  private final Map<List<Object>, MappedTwice> overtaken = new LinkedHashMap<>();

  /** Ranges of a list beyond its first, by device and first address. */
  private final Map<List<Object>, List<Long>> furtherRanges = new HashMap<>();

  private boolean intelLists;
  private long unmapsOfEarlier;
  private long earlierBytes;
  private long gaps;
  private long startNs = Long.MAX_VALUE;
  private long endNs = Long.MIN_VALUE;

  private TraceExplainer(TraceReader trace) {
    this.trace = trace;
  }

  /**
   * Reads a trace to its end; does not close it.
   *
   * @throws dev.mapstorm.load.text.TextFormatException as {@link TraceReader} does
   */
  public static TraceExplanation explain(TraceReader trace) {
    return explain(trace, line -> {});
  }

  /**
   * The same, while another hears each line too.
   *
   * @param beside hears the lines in their order
   */
  public static TraceExplanation explain(TraceReader trace, Consumer<TraceLine> beside) {
    TraceExplainer explainer = new TraceExplainer(trace);
    while (trace.hasNext()) {
      TraceLine line = trace.next();
      explainer.take(line);
      beside.accept(line);
    }
    return explainer.explanation();
  }

  private void take(TraceLine line) {
    policy.add(line.event());
    if (line.timed()) {
      startNs = Math.min(startNs, line.timeNs());
      endNs = Math.max(endNs, line.timeNs());
    }
    TraceEvent event = line.event();
    if (event instanceof IommuMap piece) {
      pieceMapped(line, piece);
    } else if (event instanceof IommuUnmap unmap) {
      pageTableUnmapped(line, unmap);
    } else if (event instanceof TraceEvent.DmaMap map) {
      dmaMapped(line, map);
    } else if (event instanceof TraceEvent.DmaAlloc alloc) {
      dmaAllocated(line, alloc);
    } else if (event instanceof TraceEvent.DmaMapSg list) {
      listMapped(line, list);
    } else if (event instanceof TraceEvent.IntelMapSegment segment) {
      segmentMapped(line, segment);
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      dmaUnmapped(line, unmap.device(), unmap.dmaAddress(), unmap.size());
    } else if (event instanceof TraceEvent.DmaFree free) {
      announced(line, free.device(), free.dmaAddress(), free.size(), "dma_free");
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      listUnmapped(line, list);
    } else if (event instanceof TraceEvent.DmaMapSgError error) {
      failed(line, error.device(), "dma_map_sg", error.error(), 0);
    } else if (event instanceof TraceEvent.IoPageFault fault) {
      faulted(line, fault);
    } else if (event instanceof TraceEvent.SwiotlbBounced bounce) {
      bounces.add(bounce);
    } else if (event instanceof TraceEvent.Lost) {
      gaps++;
    }
  }

  // Mapping.

  private void pieceMapped(TraceLine line, IommuMap piece) {
    pieces.add(line, piece);
    Act act = Act.of(line, "iommu:map");
    space(piece.device())
        .map(
            new Mapping(
                piece.device(), piece.iova(), piece.size(), piece.paddr(), act, Optional.empty()));
    count(piece.device(), act, tally -> tally.mapped(line.timeNs(), piece.size()));
  }

  private void dmaMapped(TraceLine line, TraceEvent.DmaMap map) {
    if (map.failed()) {
      failed(line, map.device(), "dma_map", 0, map.size());
    } else {
      boolean translated = map.dmaAddress() != map.paddr();
      mapped(line, map.device(), map.dmaAddress(), map.size(), map.paddr(), "dma_map", translated);
    }
  }

  private void dmaAllocated(TraceLine line, TraceEvent.DmaAlloc alloc) {
    if (alloc.failed()) {
      failed(line, alloc.device(), "dma_alloc", 0, alloc.size());
    } else {
      mapped(line, alloc.device(), alloc.dmaAddress(), alloc.size(), -1, "dma_alloc", false);
    }
  }

  private void listMapped(TraceLine line, TraceEvent.DmaMapSg list) {
    long[] addresses = list.dmaAddresses();
    for (int i = 0; i < addresses.length; i++) {
      // Further outputs of a translated list lie in the range of the first.
      Optional<Mapping> first = space(list.device()).holding(addresses[i]);
      if (i == 0 || first.filter(range -> range.mapped().line() == line.number()).isEmpty()) {
        long paddr = i < list.paddrs().length ? list.paddrs()[i] : -1;
        long size = list.sizes()[i];
        mapped(line, list.device(), addresses[i], size, paddr, "dma_map_sg", false);
        if (i > 0) {
          furtherRanges
              .computeIfAbsent(List.of(list.device(), addresses[0]), key -> new ArrayList<>())
              .add(addresses[i]);
        }
      }
    }
    if (addresses.length > 0) {
      lists.add(list.device(), list.paddrs(), addresses[0], gaps);
    }
  }

  /** A list of the VT-d driver's own calls: one range, a line for each segment. */
  private void segmentMapped(TraceLine line, TraceEvent.IntelMapSegment segment) {
    intelLists = true;
    Context context = context(line);
    Optional<Mapping> whole =
        segment.number() == 1
            ? Optional.empty()
            : context.list.filter(list -> isNext(list, segment));
    if (whole.isEmpty()) {
      mapped(
          line,
          segment.device(),
          segment.dmaAddress(),
          segment.size(),
          segment.paddr(),
          INTEL_LIST,
          true);
      context.list = space(segment.device()).at(segment.dmaAddress(), Granule.BYTES);
      return;
    }
    Mapping before = whole.get();
    long bytes = segment.dmaAddress() + segment.size() - before.iova();
    Mapping longer =
        new Mapping(
            before.device(),
            before.iova(),
            bytes,
            before.paddr(),
            before.mapped(),
            Optional.empty());
    space(segment.device()).forget(before);
    space(segment.device()).map(longer);
    context.list = Optional.of(longer);
    count(segment.device(), before.mapped(), tally -> tally.retracted(before.bytes()));
    count(segment.device(), before.mapped(), tally -> tally.mapped(line.timeNs(), bytes));
  }

  private static boolean isNext(Mapping list, TraceEvent.IntelMapSegment segment) {
    return list.device().equals(segment.device())
        && Granule.pfn(list.end() - 1) + 1 == Granule.pfn(segment.dmaAddress());
  }

  private void mapped(
      TraceLine line,
      String device,
      long address,
      long bytes,
      long paddr,
      String call,
      boolean translated) {
    Act act = Act.of(line, call);
    Optional<PieceGroup> group = pieces.claim(line, address);
    Mapping mapping = new Mapping(device, address, bytes, paddr, act, Optional.empty());
    if (group.isPresent()) {
      long start = group.get().start();
      long size = group.get().end() - start;
      long first = group.get().pieces().get(0).paddr();
      mapping = new Mapping(device, start, size, first, act, Optional.empty());
      group.get().pieces().forEach(piece -> claimed(line, piece));
    }
    overlapped(mapping, space(device).map(mapping), group.isPresent() || translated);
    count(device, act, tally -> tally.mapped(line.timeNs(), bytes));
  }

  /** A piece of unknown device turns out to be part of a mapping of the DMA API. */
  private void claimed(TraceLine line, IommuMap piece) {
    AddressSpace unknown = space(piece.device());
    unknown
        .at(piece.iova(), Granule.BYTES)
        .ifPresent(
            mapping -> {
              unknown.forget(mapping);
              count(
                  piece.device(),
                  Act.of(line, "iommu:map"),
                  tally -> tally.retracted(piece.size()));
            });
  }

  private void overlapped(Mapping mapping, Optional<Mapping> earlier, boolean translated) {
    if (earlier.isEmpty() || !translated) {
      return;
    }
    MappedTwice found = new MappedTwice(mapping, earlier.get());
    if (mapping.iova() == earlier.get().iova()) {
      // dma_unmap lines come after the act: another CPU may have mapped the address before.
      overtaken.put(List.of(mapping.device(), mapping.iova()), found);
    } else {
      twice.add(found);
    }
  }

  // Unmapping.

  private void pageTableUnmapped(TraceLine line, IommuUnmap unmap) {
    Context context = context(line);
    settle(context);
    if (unmap.unmappedSize() == 0) {
      stray(Act.of(line, "iommu:unmap"), unmap.device(), unmap.iova(), unmap.size());
      context.ended = unmap.iova();
      return;
    }
    context.ended = unmap.iova();
    if (context.namedAddress >= 0 && sameGranule(context.namedAddress, unmap.iova())) {
      String device = context.namedDevice;
      Act act = Act.of(line, context.namedBy);
      context.namedAddress = -1;
      if (end(device, unmap.iova(), act)) {
        return;
      }
    }
    List<String> owners = owners(unmap.iova());
    Act act = Act.of(line, "iommu:unmap");
    if (owners.size() == 1) {
      end(owners.get(0), unmap.iova(), act);
    } else if (owners.size() > 1) {
      context.pending = Optional.of(act);
      context.pendingAddress = unmap.iova();
    } else {
      unknownUnmapped(unmap, act);
    }
  }

  private void unknownUnmapped(IommuUnmap unmap, Act act) {
    List<Mapping> inside = space(unmap.device()).inside(unmap.iova(), unmap.size());
    inside.forEach(mapping -> space(unmap.device()).unmap(mapping, act));
    if (inside.isEmpty()) {
      earlier(unmap.device(), unmap.iova(), unmap.unmappedSize(), act);
    } else {
      count(unmap.device(), act, tally -> tally.unmapped(act.timeNs()));
    }
  }

  /** Devices that have a mapping which begins in the granule of an address. */
  private List<String> owners(long address) {
    return owners.of(address).stream()
        .filter(device -> !device.isEmpty() && space(device).at(address, Granule.BYTES).isPresent())
        .toList();
  }

  /** Ends a page-table unmapping that no line gave to a device: that of the oldest mapping. */
  private void settle(Context context) {
    if (context.pending.isPresent()) {
      owners(context.pendingAddress).stream()
          .min(
              Comparator.comparingLong(
                  device ->
                      space(device)
                          .at(context.pendingAddress, Granule.BYTES)
                          .get()
                          .mapped()
                          .line()))
          .ifPresent(device -> end(device, context.pendingAddress, context.pending.get()));
      context.pending = Optional.empty();
    }
  }

  private void dmaUnmapped(TraceLine line, String device, long address, long bytes) {
    Context context = context(line);
    if (intelLists) {
      // A list of the VT-d driver's own calls is unmapped in two lines.
      boolean second = context.unmappedList == address;
      boolean list =
          space(device)
              .at(address, Granule.BYTES)
              .map(range -> range.mapped().event().equals(INTEL_LIST))
              .orElse(true);
      context.unmappedList = !second && list ? address : -1;
      if (second) {
        return;
      }
    }
    Act act = Act.of(line, "dma_unmap");
    boolean known;
    if (context.pending.isPresent() && sameGranule(context.pendingAddress, address)) {
      context.pending = Optional.empty();
      known = end(device, address, act);
    } else if (context.ended >= 0 && sameGranule(context.ended, address)) {
      known = true;
    } else {
      known = overtaken.remove(List.of(device, address)) != null || end(device, address, act);
    }
    context.ended = -1;
    if (!known) {
      earlier(device, address, bytes, act);
    }
  }

  /** What is unmapped was mapped before the trace begins. */
  private void earlier(String device, long address, long bytes, Act act) {
    unmapsOfEarlier++;
    long first = address & -Granule.BYTES;
    long pages = Granule.spanned(address, Math.max(bytes, 1));
    earlierBytes += pages * Granule.BYTES;
    space(device).unmapEarlier(first, pages * Granule.BYTES, act);
  }

  private void listUnmapped(TraceLine line, TraceEvent.DmaUnmapSg list) {
    OptionalLong address = lists.remove(list.device(), list.paddrs());
    if (address.isPresent()) {
      announced(line, list.device(), address.getAsLong(), 0, "dma_unmap_sg");
    } else {
      unmapsOfEarlier++;
    }
  }

  /** {@code dma_unmap_sg} and {@code dma_free} are logged before the act. */
  private void announced(TraceLine line, String device, long address, long bytes, String call) {
    Context context = context(line);
    settle(context);
    Optional<Mapping> mapping = space(device).at(address, Granule.BYTES);
    if (mapping.isPresent() && policy.hasPageTables()) {
      context.namedDevice = device;
      context.namedAddress = address;
      context.namedBy = call;
    } else if (!end(device, address, Act.of(line, call))) {
      earlier(device, address, bytes, Act.of(line, call));
    }
  }

  /** Ends the mapping of a device at an address; false if there is none. */
  private boolean end(String device, long address, Act act) {
    Optional<Mapping> mapping = space(device).at(address, Granule.BYTES);
    if (mapping.isEmpty()) {
      return false;
    }
    space(device).unmap(mapping.get(), act);
    count(device, act, tally -> tally.unmapped(act.timeNs()));
    if (!policy.hasPageTables()) {
      // Where there are page tables each range has lines of its own.
      List<Long> further = furtherRanges.remove(List.of(device, mapping.get().iova()));
      if (further != null) {
        further.forEach(each -> end(device, each, act));
      }
    }
    return true;
  }

  private void stray(Act act, String device, long address, long bytes) {
    Optional<Mapping> physical =
        spaces.values().stream()
            .flatMap(space -> space.live().stream())
            .filter(mapping -> mapping.paddr() == address)
            .findFirst();
    String owner = device.isEmpty() ? physical.map(Mapping::device).orElse(device) : device;
    strays.add(new StrayUnmap(act, owner, address, bytes, physical));
  }

  private static boolean sameGranule(long one, long other) {
    return Granule.pfn(one) == Granule.pfn(other);
  }

  // Failures and faults.

  private void failed(TraceLine line, String device, String call, int error, long bytes) {
    failures.add(Act.of(line, call), device, error, bytes);
    count(device, Act.of(line, call), tally -> tally.failed(line.timeNs()));
  }

  private void faulted(TraceLine line, TraceEvent.IoPageFault fault) {
    List<AddressSpace> candidates = new ArrayList<>();
    spaces.forEach(
        (device, space) -> {
          if (!device.isEmpty() && device.endsWith(fault.device())) {
            candidates.add(space);
          }
        });
    if (candidates.isEmpty()) {
      candidates.addAll(spaces.values());
    } else if (spaces.containsKey(UNKNOWN)) {
      candidates.add(spaces.get(UNKNOWN));
    }
    Optional<Mapping> holding =
        candidates.stream().flatMap(space -> space.holding(fault.iova()).stream()).findFirst();
    Optional<Mapping> nearest =
        holding.isPresent()
            ? Optional.empty()
            : candidates.stream()
                .flatMap(space -> space.nearest(fault.iova()).stream())
                .min(
                    Comparator.comparing(
                        mapping -> AddressSpace.distance(mapping, fault.iova()),
                        Long::compareUnsigned));
    String access =
        switch (fault.flags() < 0 ? -1 : fault.flags() & 1) {
          case 0 -> "read";
          case 1 -> "write";
          default -> "unknown";
        };
    faults.add(
        new Fault(
            Act.of(line, "fault"),
            fault.driver(),
            fault.device(),
            access,
            fault.iova(),
            holding,
            nearest,
            fault.timed()));
  }

  // The whole.

  private AddressSpace space(String device) {
    return spaces.computeIfAbsent(device, key -> new AddressSpace(device, owners));
  }

  private Context context(TraceLine line) {
    return contexts.computeIfAbsent(PieceJoin.context(line), key -> new Context());
  }

  private void count(String device, Act act, Consumer<Tally> what) {
    what.accept(devices.computeIfAbsent(device, key -> new Tally()));
    what.accept(tasks.computeIfAbsent(List.of(device, act.who()), key -> new Tally()));
  }

  private TraceExplanation explanation() {
    contexts.values().forEach(this::settle);
    List<Mapping> standing = new ArrayList<>();
    spaces.values().forEach(space -> standing.addAll(space.live()));
    standing.sort(
        Comparator.comparing(Mapping::device)
            .thenComparingLong(mapping -> mapping.mapped().line())
            .thenComparing(Mapping::iova, Long::compareUnsigned));
    twice.addAll(overtaken.values());
    twice.sort(Comparator.comparingLong(each -> each.mapping().mapped().line()));
    List<Use> byDevice = new ArrayList<>();
    devices.forEach((device, tally) -> byDevice.add(tally.use(device, "")));
    List<Use> byTask = new ArrayList<>();
    tasks.forEach((key, tally) -> byTask.add(tally.use(key.get(0), key.get(1))));
    return new TraceExplanation(
        trace.notes(),
        policy.policy(),
        Math.max(endNs - startNs, 0),
        used(byDevice),
        used(byTask),
        neverUnmapped(standing),
        standing,
        strays,
        unmapsOfEarlier,
        earlierBytes,
        failures.calls(),
        faults,
        twice,
        bounces.bounces(),
        gaps);
  }

  private static List<Use> used(List<Use> uses) {
    return uses.stream()
        .filter(use -> use.maps() + use.unmaps() + use.failedCalls() > 0)
        .sorted(
            Comparator.comparingLong(Use::bytes)
                .reversed()
                .thenComparing(Use::device)
                .thenComparing(Use::task))
        .toList();
  }

  private static List<NeverUnmapped> neverUnmapped(List<Mapping> standing) {
    Map<List<Object>, NeverUnmapped> groups = new LinkedHashMap<>();
    for (Mapping each : standing) {
      String task = each.mapped().who();
      groups.merge(
          List.of(each.device(), task, each.bytes()),
          new NeverUnmapped(each.device(), task, each.bytes(), 1, each.mapped().line()),
          (one, other) ->
              new NeverUnmapped(
                  one.device(), one.task(), one.bytes(), one.count() + 1, one.firstLine()));
    }
    return groups.values().stream()
        .sorted(
            Comparator.comparing(NeverUnmapped::device)
                .thenComparing(each -> -each.bytes() * each.count()))
        .toList();
  }
}
