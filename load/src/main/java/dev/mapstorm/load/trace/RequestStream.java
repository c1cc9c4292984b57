package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.trace.TraceEvent.DmaMapSg;
import dev.mapstorm.load.trace.TraceEvent.IntelMapSegment;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * The client requests of a kernel trace, in the order of its lines: what drivers asked the DMA API
 * for, without anything that the traced machine's IOMMU policy decided.
 *
 * <p>Every {@code dma:*} event becomes a request, at its own timestamp; {@link #unnamed} are the
 * others. Page-table writes give the physical pages of coherent allocations and the segment lengths
 * of lists; without them (swiotlb, direct) the DMA addresses and sizes do. Unmaps are matched to
 * their maps by device and DMA address, lists by their physical addresses. What cannot be turned
 * into a request is left out and counted in {@link #summary}.
 *
 * <p>What is unmapped at an address that the trace has not mapped before, without an event lost
 * before it, was mapped before the trace begins: that mapping is a request, too.
 *
 * <p>Streaming: holds live maps, not the file. Throws {@link TextFormatException} as {@link
 * TraceReader} does. Not thread safe.
 */
public final class RequestStream implements Iterator<TraceRequest>, AutoCloseable {
  /** What the requests that name no device call it. */
  public static final String UNNAMED = "unnamed";

  /** What those of the IOMMU API, which name none either, call theirs. */
  public static final String IOMMU_API = "iommu-api";

  /** Stands in the place of a map that is left out, so that its unmap is left out too. */
  private static final long LEFT_OUT = -1;

  private final TraceReader trace;
  private final PieceJoin pieces = new PieceJoin();
  private final LiveMaps live = new LiveMaps();
  private final EarlierMaps earlier = new EarlierMaps();
  private final IntelLists intelLists = new IntelLists();
  private final UnnamedMaps unnamed = new UnnamedMaps(UNNAMED, IOMMU_API);
  private final PolicyEvidence policy = new PolicyEvidence();
  private final Map<String, DeviceTally> devices = new LinkedHashMap<>();
  private final ArrayDeque<TraceRequest> ready = new ArrayDeque<>();
  private long line;
  private int cpus;
  private long startNs = -1;
  private long endNs;
  private long nowNs;
  private long maps;
  private long unmaps;
  private long gaps;
  private long lostEvents;
  private long presumedUnmaps;
  private long standingMaps;
  private long unmatchedUnmaps;
  private long listsWithoutLengths;
  private long failedCalls;
  private long oversizeMaps;
  private long unnamedMaps;
  private long unnamedUnmaps;
  private long iommuMaps;
  private long iommuUnmaps;

  /** Takes the lines of a trace from where it stands; it is closed with this. */
  public RequestStream(TraceReader trace) {
    this.trace = trace;
  }

  /**
   * Opens a trace.
   *
   * @throws TextFormatException if the file cannot be opened
   */
  public static RequestStream open(Path file) {
    return open(file, stream -> stream);
  }

  /**
   * Opens a trace.
   *
   * @param through may wrap the file's stream, for instance to count what is read
   * @throws TextFormatException if the file cannot be opened
   */
  public static RequestStream open(Path file, UnaryOperator<InputStream> through) {
    return new RequestStream(TraceReader.open(file, through));
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && trace.hasNext()) {
      take(trace.next());
    }
    return !ready.isEmpty();
  }

  /**
   * The requests that no {@code dma:*} event names, in the order of their lines, apart from the
   * others. Those of the DMA API are left out if they are less than a hundredth of all. To be asked
   * once, at the end of the trace.
   */
  public List<TraceRequest> unnamed() {
    UnnamedMaps.Found found = unnamed.finish(maps, gaps == 0 && maps + unmatchedUnmaps == 0);
    unnamedMaps = found.maps();
    unnamedUnmaps = found.unmaps();
    iommuMaps = found.iommuMaps();
    iommuUnmaps = found.iommuUnmaps();
    standingMaps += found.standing();
    return found.requests();
  }

  @Override
  public TraceRequest next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the trace has no further request");
    }
    return ready.removeFirst();
  }

  /** Number of the line that the last request came from, from 1; 0 before the first. */
  public long line() {
    return line;
  }

  /** What was read so far; of the whole trace once {@link #hasNext} has answered false. */
  public TraceSummary summary() {
    List<DeviceSummary> summaries = new ArrayList<>();
    devices.values().forEach(device -> summaries.add(device.summary()));
    return new TraceSummary(
        List.copyOf(summaries),
        cpus,
        Math.max(startNs, 0),
        endNs,
        trace.notes(),
        maps,
        unmaps,
        policy.policy(),
        gaps,
        lostEvents,
        presumedUnmaps,
        standingMaps,
        unmatchedUnmaps,
        unnamedMaps + iommuMaps > 0 ? 0 : pieces.unclaimed(),
        listsWithoutLengths,
        failedCalls,
        oversizeMaps,
        unnamedMaps,
        unnamedUnmaps,
        iommuMaps,
        iommuUnmaps);
  }

  /** Closes the file. */
  @Override
  public void close() {
    trace.close();
  }

  private void take(TraceLine line) {
    observe(line);
    this.line = line.number();
    TraceEvent event = line.event();
    if (event instanceof IommuMap piece) {
      pieces.add(line, piece);
      unnamed.add(line, nowNs, piece);
    } else if (event instanceof TraceEvent.IommuUnmap range) {
      unnamed.unmap(line, nowNs, range);
      earlier.unmapped(line, range);
    } else if (failed(event)) {
      failedCalls++;
    } else if (event instanceof TraceEvent.DmaMap map) {
      mapPage(line, map);
    } else if (event instanceof TraceEvent.IntelMapSegment segment) {
      intelLists.add(line, segment).ifPresent(list -> mapIntelList(line, list));
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      OptionalLong id = live.remove(unmap.device(), unmap.dmaAddress());
      if (!intelLists.isSecondUnmap(line, unmap, id.isPresent())) {
        unmap(
            line,
            unmap.device(),
            id.isPresent() || !standsAt(line, unmap.device(), unmap.dmaAddress(), unmap.size())
                ? id
                : stood(
                    line,
                    unmap.device(),
                    unmap.direction(),
                    MapApi.PAGE,
                    unmap.dmaAddress(),
                    unmap.size()));
      }
    } else if (event instanceof DmaMapSg list) {
      mapList(line, list);
    } else if (event instanceof TraceEvent.DmaUnmapSg list) {
      unmap(line, list.device(), live.remove(list.device(), list.paddrs()));
    } else if (event instanceof TraceEvent.DmaAlloc alloc) {
      mapCoherent(line, alloc);
    } else if (event instanceof TraceEvent.DmaFree free) {
      OptionalLong id = live.remove(free.device(), free.dmaAddress());
      unmap(
          line,
          free.device(),
          id.isPresent() || !standsAt(line, free.device(), free.dmaAddress(), free.size())
              ? id
              : stood(
                  line,
                  free.device(),
                  Direction.BIDIRECTIONAL,
                  MapApi.COHERENT,
                  free.dmaAddress(),
                  free.size()));
    } else if (event instanceof TraceEvent.Lost lost) {
      gaps++;
      lostEvents += lost.events();
    }
  }

  private static boolean failed(TraceEvent event) {
    return event instanceof TraceEvent.DmaMapSgError
        || event instanceof TraceEvent.DmaMap map && map.failed()
        || event instanceof TraceEvent.DmaAlloc alloc && alloc.failed();
  }

  private void observe(TraceLine line) {
    if (line.timed()) {
      startNs = startNs < 0 ? line.timeNs() : Math.min(startNs, line.timeNs());
      endNs = Math.max(endNs, line.timeNs());
    }
    nowNs = endNs;
    cpus = Math.max(cpus, line.cpu() + 1);
    policy.add(line.event());
  }

  private Optional<PieceGroup> claim(TraceLine line, long dmaAddress) {
    Optional<PieceGroup> group = pieces.claim(line, dmaAddress);
    group.ifPresent(unnamed::named);
    return group;
  }

  private void mapPage(TraceLine line, TraceEvent.DmaMap map) {
    boolean translated = claim(line, map.dmaAddress()).isPresent();
    presumeUnmapped(line, map.device(), map.dmaAddress());
    boolean fits = fits(map.size());
    live.add(map.device(), map.dmaAddress(), fits ? maps : LEFT_OUT, gaps);
    if (fits) {
      long[] phys = {map.paddr()};
      long[] bytes = {map.size()};
      long at = map.dmaAddress();
      map(line, map.device(), map.direction(), MapApi.PAGE, phys, bytes, at, translated);
    }
  }

  private void mapList(TraceLine line, DmaMapSg list) {
    if (list.dmaAddresses().length == 0) {
      listsWithoutLengths++;
      return;
    }
    Optional<PieceGroup> group = claim(line, list.dmaAddresses()[0]);
    Optional<long[]> lengths =
        group.isPresent()
            ? SegmentLengths.translated(list, group.get().pieces())
            : SegmentLengths.untranslated(list);
    boolean fits = lengths.isPresent() && fits(lengths.get());
    live.add(list.device(), list.paddrs(), fits ? maps : LEFT_OUT, gaps);
    if (lengths.isEmpty()) {
      listsWithoutLengths++;
    }
    if (fits) {
      long at = list.dmaAddresses()[0];
      long[] phys = list.paddrs();
      MapApi kind = MapApi.SG;
      map(line, list.device(), list.direction(), kind, phys, lengths.get(), at, group.isPresent());
    }
  }

  /** A list of the VT-d driver's own operations: one range, a line for each segment. */
  private void mapIntelList(TraceLine line, List<IntelMapSegment> list) {
    IntelMapSegment first = list.get(0);
    presumeUnmapped(line, first.device(), first.dmaAddress());
    long[] phys = list.stream().mapToLong(IntelMapSegment::paddr).toArray();
    long[] bytes = list.stream().mapToLong(IntelMapSegment::size).toArray();
    boolean fits = fits(bytes);
    live.add(first.device(), first.dmaAddress(), fits ? maps : LEFT_OUT, gaps);
    if (fits) {
      Direction direction = Direction.BIDIRECTIONAL;
      map(line, first.device(), direction, MapApi.SG, phys, bytes, first.dmaAddress(), true);
    }
  }

  private void mapCoherent(TraceLine line, TraceEvent.DmaAlloc alloc) {
    Optional<PieceGroup> group = claim(line, alloc.dmaAddress());
    presumeUnmapped(line, alloc.device(), alloc.dmaAddress());
    List<IommuMap> parts =
        group
            .map(PieceGroup::pieces)
            .orElseGet(() -> List.of(new IommuMap("", 0, alloc.dmaAddress(), alloc.size())));
    long[] phys = new long[parts.size()];
    long[] bytes = new long[parts.size()];
    long left = alloc.size();
    for (int i = 0; i < bytes.length; i++) {
      phys[i] = parts.get(i).paddr();
      bytes[i] = Math.min(parts.get(i).size(), left);
      left -= bytes[i];
    }
    boolean fits = fits(bytes);
    live.add(alloc.device(), alloc.dmaAddress(), fits ? maps : LEFT_OUT, gaps);
    if (fits) {
      MapApi kind = MapApi.COHERENT;
      long at = alloc.dmaAddress();
      map(line, alloc.device(), alloc.direction(), kind, phys, bytes, at, group.isPresent());
    }
  }

  /** Whether a range that no map of the trace is live at was mapped before it begins. */
  private boolean standsAt(TraceLine line, String device, long dmaAddress, long size) {
    return gaps == 0 && fits(size) && earlier.mayStand(line, device, dmaAddress);
  }

  /** A mapping from before the trace, which is unmapped now. */
  private OptionalLong stood(
      TraceLine line, String device, Direction direction, MapApi kind, long at, long size) {
    Segments segments = Segments.of(new long[] {at}, new long[] {size});
    TraceRequest.Map map =
        new TraceRequest.Map(
            maps,
            nowNs,
            line.cpu(),
            device,
            direction,
            kind,
            segments.phys(),
            segments.len(),
            at - Granule.offset(at),
            true);
    standingMaps++;
    maps++;
    devices.computeIfAbsent(device, DeviceTally::new).map(size, false);
    ready.addLast(map);
    return OptionalLong.of(map.id());
  }

  private void presumeUnmapped(TraceLine line, String device, long dmaAddress) {
    OptionalLong lost = live.removeLost(device, dmaAddress, gaps);
    if (lost.isPresent()) {
      presumedUnmaps++;
      unmap(line, device, lost);
    }
  }

  private void map(
      TraceLine line,
      String device,
      Direction direction,
      MapApi kind,
      long[] phys,
      long[] bytes,
      long at,
      boolean translated) {
    Segments segments = Segments.of(phys, bytes);
    TraceRequest.Map map =
        new TraceRequest.Map(
            maps,
            nowNs,
            line.cpu(),
            device,
            direction,
            kind,
            segments.phys(),
            segments.len(),
            at - Granule.offset(at));
    maps++;
    earlier.mapped(device, at);
    devices.computeIfAbsent(device, DeviceTally::new).map(map.bytes(), translated);
    ready.addLast(map);
  }

  private void unmap(TraceLine line, String device, OptionalLong id) {
    if (id.isEmpty()) {
      unmatchedUnmaps++;
    } else if (id.getAsLong() != LEFT_OUT) {
      unmaps++;
      devices.get(device).unmap();
      ready.addLast(new TraceRequest.Unmap(id.getAsLong(), nowNs, line.cpu(), device));
    }
  }

  /** Whether a client can repeat segments of these bytes; notes it if not. */
  private boolean fits(long... bytes) {
    boolean fits = Segments.hold(bytes);
    oversizeMaps += fits ? 0 : 1;
    return fits;
  }
}
