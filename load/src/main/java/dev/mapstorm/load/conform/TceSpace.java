package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.IommuTable;
import dev.mapstorm.actors.model.tce.TceWindow;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A table of powerpc, as a trace shows it.
 *
 * <p>A list is one allocation a segment, and segments that come to lie one after the other are one
 * vector. Of a vector that may hold several the lengths are not in the trace. All of one pool are
 * either at most 15 entries long or all longer, so the first may have any length of its kind, and
 * the others follow it directly: that fixes what the table answers and where its hint is then.
 */
final class TceSpace implements AreaSpace {
  private static final int SMALL = 15;
  private static final int MOST_MOVES = 64;

  /** A hint that a segment of a list moved. */
  private record Move(int pool, long from, long to, Operation by) {}

  private final TceWindow window;
  private final IommuTable table;
  private final BitSet knownPools = new BitSet();
  private final Deque<Move> moves = new ArrayDeque<>();
  private long answer;

  TceSpace(TceWindow window) {
    this.window = window;
    table = new IommuTable(window);
  }

  private long entry(DmaCall call) {
    return call.address() >>> window.tceShift();
  }

  private long entries(DmaCall call) {
    long entry = 1L << window.tceShift();
    if (call.kind() == DmaCall.Kind.COHERENT) {
      long page = Math.max(entry, 1L << window.pageShift());
      return (call.bytes() + page - 1 & -page) >>> window.tceShift();
    }
    long offset = call.failed() ? Math.max(call.phys(), 0) : call.address();
    return (offset & entry - 1) + call.bytes() + entry - 1 >>> window.tceShift();
  }

  @Override
  public boolean take(DmaCall alloc) {
    long all = entries(alloc);
    answer = NO_ROOM;
    if (fits(alloc, all, all, true)) {
      return true;
    }
    long larger = Math.min(all - 1, SMALL);
    for (long first = 1; alloc.segments() > 1 && first <= larger; first++) {
      if (fits(alloc, first, all, false)) {
        return true;
      }
    }
    return alloc.segments() > 1
        && all > 2 * SMALL
        && (fits(alloc, SMALL + 1, all, false) || fits(alloc, all - SMALL - 1, all, false));
  }

  /** Tries with a length of the first segment. */
  private boolean fits(DmaCall alloc, long first, long all, boolean tell) {
    long[] hints = table.hints();
    long handle = alloc.before() == null ? 0 : entry(alloc.before()) + entries(alloc.before());
    long found = allocate(alloc, first, handle, alignOrder(alloc, first));
    if (tell) {
      answer = found == IommuTable.FAILED ? NO_ROOM : found << window.tceShift();
    }
    if (alloc.failed() || found == IommuTable.FAILED) {
      boolean right = alloc.failed() && found == IommuTable.FAILED;
      if (!right) {
        undo(found, first, hints);
      }
      return right;
    }
    if (found == entry(alloc) && follows(alloc, found + first, all - first, first > SMALL)) {
      knownPools.set(table.pool(found));
      noteMove(alloc, table.pool(found), hints);
      return true;
    }
    undo(found, first, hints);
    return false;
  }

  private void noteMove(DmaCall alloc, int pool, long[] before) {
    if (alloc.kind() == DmaCall.Kind.VECTOR) {
      if (moves.size() == MOST_MOVES) {
        moves.removeLast();
      }
      moves.addFirst(new Move(pool, before[pool], table.hint(pool), alloc.operation()));
    }
  }

  /** The other segments come to lie right after the first. */
  private boolean follows(DmaCall alloc, long from, long left, boolean large) {
    if (left == 0) {
      return true;
    }
    if (large && left <= SMALL) {
      return false;
    }
    long done = 0;
    while (done < left) {
      long count = large ? left : Math.min(left - done, SMALL);
      long found = allocate(alloc, count, from + done, 0);
      if (found != from + done) {
        undo(found, count, null);
        undo(from, done, null);
        return false;
      }
      done += count;
    }
    return true;
  }

  private void undo(long found, long count, long[] hints) {
    if (found != IommuTable.FAILED) {
      table.free(found, count);
    }
    if (hints != null) {
      table.setHints(hints);
    }
  }

  private long allocate(DmaCall alloc, long count, long handle, int alignOrder) {
    int pool = table.poolOf(IommuTable.poolHash(alloc.operation().cpu));
    return table.allocate(count, handle, pool, -1, DeviceReach.NO_BOUNDARY, alignOrder);
  }

  /** {@code iommu_map_page}, {@code ppc_iommu_map_sg}, {@code iommu_alloc_coherent}. */
  private int alignOrder(DmaCall alloc, long count) {
    if (alloc.kind() == DmaCall.Kind.COHERENT) {
      return Long.SIZE - Long.numberOfLeadingZeros(count - 1);
    }
    int order = window.pageShift() - window.tceShift();
    long page = 1L << window.pageShift();
    boolean wholePage =
        alloc.bytes() >= page
            && count >= 1L << Math.max(order, 0)
            && alloc.phys() != DmaCall.UNKNOWN
            && (alloc.phys() & page - 1) == 0;
    return order > 0 && wholePage ? order : 0;
  }

  @Override
  public long answer() {
    return answer;
  }

  @Override
  public void adopt(DmaCall alloc) {
    if (alloc.failed()) {
      table.allPoolsSearched();
    } else if (table.holds(entry(alloc), entries(alloc))) {
      table.adopt(entry(alloc), entries(alloc));
      knownPools.set(table.pool(entry(alloc)));
    }
  }

  @Override
  public boolean occupy(DmaCall range) {
    if (table.holds(entry(range), entries(range))) {
      long[] hints = table.hints();
      table.adopt(entry(range), entries(range));
      table.setHints(hints);
    }
    return true;
  }

  @Override
  public boolean passOver() {
    return false;
  }

  @Override
  public void free(DmaCall free) {
    if (table.holds(entry(free), entries(free))) {
      table.free(entry(free), entries(free));
    }
  }

  @Override
  public boolean knowsStart(DmaCall alloc) {
    boolean large = entries(alloc) > SMALL;
    int pool = table.poolOf(IommuTable.poolHash(alloc.operation().cpu));
    return knownPools.get(large ? table.pools() : pool);
  }

  @Override
  public boolean takeAfterUnseenFailure(DmaCall alloc) {
    long[] hints = table.hints();
    table.allPoolsSearched();
    if (take(alloc)) {
      return true;
    }
    table.setHints(hints);
    return false;
  }

  /**
   * The segments of a list are found one by one, each where the one before it ended, wherever the
   * hint is; and each moves the hint. So a list that is under way may have moved it again, or not
   * yet.
   */
  @Override
  public boolean takeAmongLists(DmaCall alloc) {
    long[] hints = table.hints();
    for (Move move : List.copyOf(moves)) {
      if (move.by().closes > alloc.operation().opens
          && (takeFrom(alloc, hints, move.pool(), move.from())
              || takeFrom(alloc, hints, move.pool(), move.to()))) {
        return true;
      }
    }
    table.setHints(hints);
    return false;
  }

  /** Between two segments of a vector, another CPU may have taken and freed what follows. */
  @Override
  public Optional<DmaCall> takeUpTo(DmaCall alloc, long address) {
    long entryMask = (1L << window.tceShift()) - 1;
    long bytes = address - alloc.address();
    if (alloc.segments() < 2
        || bytes <= 0
        || bytes >= alloc.bytes()
        || (address & entryMask) != 0) {
      return Optional.empty();
    }
    long lastAnswer = answer;
    DmaCall first = alloc.part(alloc.address(), bytes, alloc.before());
    if (take(first)) {
      return Optional.of(alloc.part(address, alloc.bytes() - bytes, first));
    }
    answer = lastAnswer;
    return Optional.empty();
  }

  private boolean takeFrom(DmaCall alloc, long[] hints, int pool, long hint) {
    long[] other = hints.clone();
    other[pool] = hint;
    table.setHints(other);
    return take(alloc);
  }
}
