package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Requests made of page-table writes that no {@code dma:*} event names: all of them before Linux
 * 6.12, which has no such events; of later kernels those of the two-step calls and of clients of
 * the IOMMU API. What one request was, its unmap tells: the range that is unmapped at once was
 * mapped at once. What is never unmapped is one request for each run of pieces.
 *
 * <p>Neither device nor direction is known: they count as one client, and as bidirectional. All
 * that a task mapped is of the IOMMU API if it mapped where no allocator does; that is another
 * client. Its domains cannot be told apart: a mapping at an address that one has ends that one.
 *
 * <p>Not thread safe.
 */
final class UnnamedMaps {
  /** Fewer maps of the DMA API than one in so many are left out: what an overwritten line named. */
  private static final int NAMED_FOR_EACH = 100;

  private record Piece(
      long number,
      long timeNs,
      int cpu,
      long context,
      long iova,
      long paddr,
      long size,
      boolean whole) {
    long end() {
      return iova + size;
    }

    Piece part(long from, long to) {
      return new Piece(number, timeNs, cpu, context, from, paddr + from - iova, to - from, false);
    }
  }

  /** A request of a task, by its place among the lines. */
  private record Numbered(long number, long context, TraceRequest request) {}

  /**
   * What was found.
   *
   * @param requests in the order of their lines
   * @param maps of the DMA API
   * @param unmaps of these
   * @param iommuMaps of the IOMMU API
   * @param iommuUnmaps of these
   * @param standing maps of both from before the trace
   */
  record Found(
      List<TraceRequest> requests,
      long maps,
      long unmaps,
      long iommuMaps,
      long iommuUnmaps,
      long standing) {}

  private final TreeMap<Long, Piece> standing = new TreeMap<>();
  private final List<Numbered> requests = new ArrayList<>();

  /** Where the trace has mapped, or unmapped. */
  private final Set<Long> mapped = new HashSet<>();

  /** What was unmapped where the trace has not mapped. */
  private final List<Piece> earlier = new ArrayList<>();

  /** Tasks that mapped where no allocator does. */
  private final Set<Long> ofIommuApi = new HashSet<>();

  private final String device;
  private final String iommuApi;
  private long numbers;
  private long maps;

  /**
   * None so far.
   *
   * @param device what requests of the DMA API call theirs
   * @param iommuApi what requests of the IOMMU API call theirs
   */
  UnnamedMaps(String device, String iommuApi) {
    this.device = device;
    this.iommuApi = iommuApi;
  }

  /** A page-table write, which an event may still name. */
  void add(TraceLine line, long timeNs, IommuMap written) {
    if (written.size() == 0) {
      return;
    }
    Piece piece =
        new Piece(
            numbers++,
            timeNs,
            line.cpu(),
            PieceJoin.context(line),
            written.iova(),
            written.paddr(),
            written.size(),
            true);
    mapped.add(piece.iova());
    // What stands there was unmapped unseen.
    end(timeNs, line.cpu(), take(piece.iova(), piece.end()));
    standing.put(piece.iova(), piece);
  }

  /** An event names these. */
  void named(PieceGroup group) {
    take(group.start(), group.end());
  }

  /** A range was unmapped. */
  void unmap(TraceLine line, long timeNs, TraceEvent.IommuUnmap range) {
    List<Piece> pieces = take(range.iova(), range.iova() + range.size());
    boolean known = !mapped.add(range.iova());
    if (pieces.isEmpty() && !known && range.unmappedSize() > 0) {
      earlier.add(
          new Piece(
              numbers++,
              timeNs,
              line.cpu(),
              PieceJoin.context(line),
              range.iova(),
              range.iova(),
              range.unmappedSize(),
              true));
    }
    end(timeNs, line.cpu(), pieces);
  }

  /** Takes out what stands in a range, by address; what reaches out of it is cut there. */
  private List<Piece> take(long from, long to) {
    cut(from);
    cut(to);
    Map<Long, Piece> inside = standing.subMap(from, to);
    if (inside.isEmpty()) {
      return List.of();
    }
    List<Piece> taken = new ArrayList<>(inside.values());
    inside.clear();
    return taken;
  }

  /** Makes two pieces of one that an address lies within. */
  private void cut(long at) {
    Map.Entry<Long, Piece> below = standing.lowerEntry(at);
    if (below != null && below.getValue().end() > at) {
      Piece whole = below.getValue();
      standing.put(whole.iova(), whole.part(whole.iova(), at));
      standing.put(at, whole.part(at, whole.end()));
    }
  }

  private void end(long timeNs, int cpu, List<Piece> pieces) {
    if (pieces.isEmpty()) {
      return;
    }
    if (isNoAllocators(pieces)) {
      ofIommuApi.add(pieces.get(0).context());
    }
    map(pieces);
    add(pieces.get(0), numbers++, new TraceRequest.Unmap(maps - 1, timeNs, cpu, device));
  }

  /**
   * Whether no allocator gave out what was unmapped at once: its addresses start at their size
   * rounded up to a power of two, and never at 0.
   */
  private static boolean isNoAllocators(List<Piece> pieces) {
    Piece first = pieces.get(0);
    Piece last = pieces.get(pieces.size() - 1);
    long bytes = last.end() - first.iova();
    long aligned = Long.highestOneBit(2 * bytes - 1);
    return first.iova() == 0 || first.whole() && last.whole() && (first.iova() & aligned - 1) != 0;
  }

  private void add(Piece first, long number, TraceRequest request) {
    requests.add(new Numbered(number, first.context(), request));
  }

  private void map(List<Piece> pieces) {
    if (pieces.isEmpty()) {
      return;
    }
    Piece first = pieces.get(0);
    Segments segments =
        Segments.of(
            pieces.stream().mapToLong(Piece::paddr).toArray(),
            pieces.stream().mapToLong(Piece::size).toArray());
    add(
        first,
        first.number(),
        new TraceRequest.Map(
            maps++,
            first.timeNs(),
            first.cpu(),
            device,
            Direction.BIDIRECTIONAL,
            pieces.size() == 1 ? MapApi.PAGE : MapApi.SG,
            segments.phys(),
            segments.len(),
            first.iova()));
  }

  /** What was unmapped and never mapped was mapped before the trace, by the API. */
  private void addEarlier() {
    for (Piece piece : earlier) {
      Segments segments = Segments.of(new long[] {piece.iova()}, new long[] {piece.size()});
      TraceRequest map =
          new TraceRequest.Map(
              maps,
              piece.timeNs(),
              piece.cpu(),
              device,
              Direction.BIDIRECTIONAL,
              MapApi.PAGE,
              segments.phys(),
              segments.len(),
              piece.iova(),
              true);
      add(piece, piece.number(), map);
      add(piece, piece.number(), new TraceRequest.Unmap(maps, piece.timeNs(), piece.cpu(), device));
      maps++;
    }
  }

  /**
   * The trace is at its end.
   *
   * @param named maps that events name
   * @param whole whether no event names anything, and none was lost: what is unmapped but not
   *     mapped was mapped before the trace then
   */
  Found finish(long named, boolean whole) {
    if (whole) {
      addEarlier();
    }
    Piece atZero = standing.get(0L);
    if (atZero != null) {
      ofIommuApi.add(atZero.context());
    }
    List<Piece> run = new ArrayList<>();
    for (Piece piece : standing.values()) {
      Piece last = run.isEmpty() ? piece : run.get(run.size() - 1);
      boolean goesOn = last.end() == piece.iova() && last.context() == piece.context();
      if (last != piece && (!goesOn || ofIommuApi.contains(piece.context()))) {
        map(run);
        run.clear();
      }
      run.add(piece);
    }
    map(run);
    standing.clear();
    requests.sort(Comparator.comparingLong(Numbered::number));
    return found(named, whole);
  }

  private Found found(long named, boolean whole) {
    long unmapped = requests.stream().filter(each -> !isMap(each)).count();
    long ofApi = requests.stream().filter(each -> isMap(each) && isOfIommuApi(each)).count();
    long unmappedOfApi =
        requests.stream().filter(each -> !isMap(each) && isOfIommuApi(each)).count();
    boolean few = (maps - ofApi) * NAMED_FOR_EACH < named;
    return new Found(
        requests.stream()
            .filter(each -> !few || isOfIommuApi(each))
            .map(each -> isOfIommuApi(each) ? ofIommuApi(each.request()) : each.request())
            .toList(),
        few ? 0 : maps - ofApi,
        few ? 0 : unmapped - unmappedOfApi,
        ofApi,
        unmappedOfApi,
        whole ? earlier.size() : 0);
  }

  private static boolean isMap(Numbered each) {
    return each.request() instanceof TraceRequest.Map;
  }

  private boolean isOfIommuApi(Numbered each) {
    return ofIommuApi.contains(each.context());
  }

  private TraceRequest ofIommuApi(TraceRequest request) {
    if (request instanceof TraceRequest.Map map) {
      return new TraceRequest.Map(
          map.id(),
          map.timeNs(),
          map.cpu(),
          iommuApi,
          map.direction(),
          MapApi.IOMMU,
          map.phys(),
          map.len(),
          map.iova(),
          map.stands());
    }
    return new TraceRequest.Unmap(request.id(), request.timeNs(), request.cpu(), iommuApi);
  }
}
