package dev.mapstorm.persistence.check;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The memory that is mapped, by physical granule. It finds what a new piece of memory shares with
 * what is mapped already. Memory is that of the granules that are mapped. Not thread-safe.
 */
public final class SharedMemory {
  /** {@code L1_CACHE_SHIFT} of x86 and arm64. */
  private static final int CACHE_LINE_SHIFT = 6;

  private final Long2ObjectHashMap<Piece> granules = new Long2ObjectHashMap<>();

  /** Nothing is mapped. */
  public SharedMemory() {}

  /** The part of a request's memory that lies in one granule; others in it follow. */
  private static final class Piece {
    private final long request;
    private final int from;
    private final int to;
    private final boolean written;
    private Piece next;

    Piece(long request, int from, int to, boolean written, Piece next) {
      this.request = request;
      this.from = from;
      this.to = to;
      this.written = written;
      this.next = next;
    }

    boolean sharesLine(Piece other) {
      return from >> CACHE_LINE_SHIFT <= other.to - 1 >> CACHE_LINE_SHIFT
          && other.from >> CACHE_LINE_SHIFT <= to - 1 >> CACHE_LINE_SHIFT;
    }
  }

  /**
   * Something shared.
   *
   * @param rule {@link Rule#OVERLAP} or {@link Rule#SHARED_GRANULE}
   * @param request the key of the request whose memory was mapped before
   * @param physPfn the physical granule
   */
  public record Shared(Rule rule, long request, long physPfn) {}

  /**
   * Adds the memory of a request; answers what it shares, once for each other request and rule.
   *
   * @param request a number for it
   * @param direction which of the two writes it
   */
  public List<Shared> add(long request, Direction direction, long[] phys, int[] length) {
    List<Shared> shared = new ArrayList<>(0);
    boolean written = direction != Direction.TO_DEVICE;
    for (int i = 0; i < phys.length; i++) {
      long last = Granule.pfn(phys[i] + length[i] - 1);
      for (long pfn = Granule.pfn(phys[i]); pfn <= last; pfn++) {
        long start = pfn << Granule.SHIFT;
        int from = (int) Math.max(0, phys[i] - start);
        int to = (int) Math.min(Granule.BYTES, phys[i] + length[i] - start);
        Piece before = granules.get(pfn);
        Piece piece = new Piece(request, from, to, written, before);
        compare(piece, pfn, shared);
        granules.put(pfn, piece);
      }
    }
    return shared;
  }

  private static void compare(Piece piece, long pfn, List<Shared> shared) {
    for (Piece other = piece.next; other != null; other = other.next) {
      if (other.request != piece.request && (piece.written || other.written)) {
        Rule rule = piece.sharesLine(other) ? Rule.OVERLAP : Rule.SHARED_GRANULE;
        long request = other.request;
        if (shared.stream().noneMatch(it -> it.rule == rule && it.request == request)) {
          shared.add(new Shared(rule, request, pfn));
        }
      }
    }
  }

  /** The memory of a request is mapped no more. */
  public void remove(long request, long[] phys, int[] length) {
    for (int i = 0; i < phys.length; i++) {
      long last = Granule.pfn(phys[i] + length[i] - 1);
      for (long pfn = Granule.pfn(phys[i]); pfn <= last; pfn++) {
        Piece left = without(granules.get(pfn), request);
        if (left == null) {
          granules.remove(pfn);
        } else {
          granules.put(pfn, left);
        }
      }
    }
  }

  private static Piece without(Piece pieces, long request) {
    Piece first = pieces;
    while (first != null && first.request == request) {
      first = first.next;
    }
    for (Piece at = first; at != null; at = at.next) {
      while (at.next != null && at.next.request == request) {
        at.next = at.next.next;
      }
    }
    return first;
  }
}
