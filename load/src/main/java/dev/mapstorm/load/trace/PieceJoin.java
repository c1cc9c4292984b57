package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Gives page-table writes to the {@code dma:*} event that follows them. {@code iommu:map} names no
 * device; the event that does is logged by the same task or interrupt, after it, with an address in
 * the first granule of the range. What interrupts in between has its own lines.
 *
 * <p>Ranges that no event claims are given up once four younger ones of the same context wait. Not
 * thread safe.
 */
public final class PieceJoin {
  private static final int MOST_WAITING = 4;

  private final Map<Long, ArrayDeque<PieceGroup>> waiting = new HashMap<>();
  private long claimed;
  private long written;

  /** Takes a page-table write. */
  public void add(TraceLine line, IommuMap piece) {
    written++;
    ArrayDeque<PieceGroup> groups =
        waiting.computeIfAbsent(context(line), key -> new ArrayDeque<>());
    if (groups.isEmpty() || !groups.peekLast().append(piece)) {
      if (groups.size() == MOST_WAITING) {
        groups.removeFirst();
      }
      groups.addLast(new PieceGroup(line, piece));
    }
  }

  /**
   * Takes out the range that belongs to a {@code dma:*} event.
   *
   * @param line the line of the event
   * @param dmaAddress first address that it answers
   * @return empty if nothing was written for it
   */
  public Optional<PieceGroup> claim(TraceLine line, long dmaAddress) {
    ArrayDeque<PieceGroup> groups = waiting.get(context(line));
    if (groups == null) {
      return Optional.empty();
    }
    for (Iterator<PieceGroup> youngest = groups.descendingIterator(); youngest.hasNext(); ) {
      PieceGroup group = youngest.next();
      if (group.beginsAt(dmaAddress)) {
        youngest.remove();
        claimed += group.pieces().size();
        return Optional.of(group);
      }
    }
    return Optional.empty();
  }

  /** Page-table writes that no event claimed, those still waiting included. */
  public long unclaimed() {
    return written - claimed;
  }

  /** A task is the same wherever it runs; an interrupt is told by its CPU and level. */
  public static long context(TraceLine line) {
    return context(line.level().ordinal(), line.pid(), line.cpu());
  }

  /**
   * The same of a line of which no more is kept; {@code level} as {@link ExecutionLevel} orders.
   */
  public static long context(int level, int pid, int cpu) {
    return level == ExecutionLevel.PROCESS.ordinal() && pid > 0 ? -(long) pid : cpu * 4L + level;
  }
}
