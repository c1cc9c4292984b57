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

  private List<Piece> take(long from, long to) {
    List<Piece> taken = new ArrayList<>();
    Map.Entry<Long, Piece> entry = standing.floorEntry(from);
    if (entry == null || entry.getValue().end() <= from) {
      entry = standing.ceilingEntry(from);
    }
    while (entry != null && entry.getKey() < to) {
      Piece piece = entry.getValue();
      standing.remove(piece.iova());
      if (piece.iova() < from) {
        standing.put(piece.iova(), piece.part(piece.iova(), from));
      }
      if (piece.end() > to) {
        standing.put(to, piece.part(to, piece.end()));
      }
      taken.add(piece.part(Math.max(from, piece.iova()), Math.min(to, piece.end())));
      entry = standing.ceilingEntry(Math.max(from, piece.iova()));
    }
    return taken;
  }

  private void end(long timeNs, int cpu, List<Piece> pieces) {
    if (map(pieces)) {
      unmaps++;
      requests.add(new Numbered(numbers++, new TraceRequest.Unmap(maps - 1, timeNs, cpu, device)));
    }
  }

  private boolean map(List<Piece> pieces) {
    long bytes = pieces.stream().mapToLong(Piece::size).sum();
    if (bytes == 0) {
      return false;
    }
    if (bytes > Integer.MAX_VALUE) {
      oversize++;
      return false;
    }
    Piece first = pieces.get(0);
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
                pieces.stream().mapToLong(Piece::paddr).toArray(),
                pieces.stream().mapToInt(piece -> (int) piece.size()).toArray())));
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
