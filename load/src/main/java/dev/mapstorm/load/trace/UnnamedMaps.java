package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Requests made of page-table writes that no {@code dma:*} event names: all of them before Linux
 * 6.12, which has no such events; of later kernels those of the two-step calls and of clients of
 * the IOMMU API. What one request was, its unmap tells: the range that is unmapped at once was
 * mapped at once. What is never unmapped is one request for each run of pieces.
 *
 * <p>Neither device nor direction is known: they count as one client, and as bidirectional. Not
 * thread safe.
 */
final class UnnamedMaps {
  private record Piece(
      long number, long timeNs, int cpu, long context, long iova, long paddr, long size) {
    long end() {
      return iova + size;
    }

    Piece part(long from, long to) {
      return new Piece(number, timeNs, cpu, context, from, paddr + from - iova, to - from);
    }
  }

  private record Numbered(long number, TraceRequest request) {}

  private final TreeMap<Long, Piece> standing = new TreeMap<>();
  private final List<Numbered> requests = new ArrayList<>();
  private final String device;
  private long numbers;
  private long maps;
  private long unmaps;
  private long oversize;

  /**
   * None so far.
   *
   * @param device what requests call theirs
   */
  UnnamedMaps(String device) {
    this.device = device;
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
            written.size());
    // What stands there was unmapped unseen.
    end(timeNs, line.cpu(), take(piece.iova(), piece.end()));
    standing.put(piece.iova(), piece);
  }

  /** An event names these. */
  void named(PieceGroup group) {
    take(group.start(), group.end());
  }

  /** A range was unmapped. */
  void unmap(TraceLine line, long timeNs, long iova, long size) {
    end(timeNs, line.cpu(), take(iova, iova + size));
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
    if (map(pieces)) {
      unmaps++;
      requests.add(new Numbered(numbers++, new TraceRequest.Unmap(maps - 1, timeNs, cpu, device)));
    }
  }

  private boolean map(List<Piece> pieces) {
    if (pieces.isEmpty()) {
      return false;
    }
    Piece first = pieces.get(0);
    long[] phys = new long[pieces.size()];
    int[] len = new int[phys.length];
    long bytes = 0;
    for (int i = 0; i < phys.length; i++) {
      phys[i] = pieces.get(i).paddr();
      len[i] = (int) pieces.get(i).size();
      bytes += pieces.get(i).size();
    }
    if (bytes > Integer.MAX_VALUE) {
      oversize++;
      return false;
    }
    requests.add(
        new Numbered(
            first.number(),
            new TraceRequest.Map(
                maps++,
                first.timeNs(),
                first.cpu(),
                device,
                Direction.BIDIRECTIONAL,
                pieces.size() == 1 ? MapApi.PAGE : MapApi.SG,
                phys,
                len)));
    return true;
  }

  /** The trace is at its end. */
  void finish() {
    List<Piece> run = new ArrayList<>();
    for (Piece piece : standing.values()) {
      Piece last = run.isEmpty() ? piece : run.get(run.size() - 1);
      if (last != piece && (last.end() != piece.iova() || last.context() != piece.context())) {
        map(run);
        run.clear();
      }
      run.add(piece);
    }
    map(run);
    standing.clear();
    requests.sort(Comparator.comparingLong(Numbered::number));
  }

  /** How many maps. */
  long maps() {
    return maps;
  }

  /** How many unmaps of them. */
  long unmaps() {
    return unmaps;
  }

  /** Mappings of 2 GiB and more, which are left out. */
  long oversize() {
    return oversize;
  }

  /** All requests in the order of their lines, once the trace is at its end. */
  List<TraceRequest> requests() {
    return requests.stream().map(Numbered::request).toList();
  }
}
