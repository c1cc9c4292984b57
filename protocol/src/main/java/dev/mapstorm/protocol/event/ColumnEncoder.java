package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Granule;
import java.util.List;

/**
 * Writes {@link EventWords} as columns of varints, the payload of a journal batch.
 *
 * <p>Layout: the stream of kind codes, the stream of instants (each the difference to the one
 * before), then for every kind that occurs, in ascending code, the stream of each of its {@link
 * EventKind#columns()}; {@link EventKind#DMA_REQUESTED} adds the three streams of its list. A
 * stream is a varint, then the numbers as varints: one after the other, behind twice their length
 * in bytes, or, where that is shorter, as {@linkplain Varints#putColumn runs of equal numbers}. The
 * kind codes and {@link Column.Mode#PREDICTED} columns never are runs, so that a payload cannot
 * stand for more events or physical ranges than it has bytes.
 *
 * <p>Equal events give equal bytes. Not thread-safe; reuse one, it keeps its buffers.
 */
public final class ColumnEncoder {
  private static final EventKind[] KINDS = EventKind.values();

  private final ColumnTransform transform = new ColumnTransform();
  private final EventPositions positions = new EventPositions();
  private final Columns columns = new Columns();
  private final Varints stream = new Varints();
  private final Varints out = new Varints();

  /** An encoder with empty buffers. */
  public ColumnEncoder() {}

  /** The payload of all events in {@code events}, which stay as they are. */
  public byte[] encode(EventWords events) {
    out.clear();
    transform.begin();
    putKindsAndInstants(events);
    long[] w = events.words();
    for (EventKind kind : KINDS) {
      int n = events.count(kind);
      if (n > 0) {
        int width = kind.columns().size();
        columns.reserve(n);
        gather(w, positions.all(), positions.start(kind.code()), n, width);
        putColumns(kind.columns(), n);
        if (kind == EventKind.DMA_REQUESTED) {
          int ranges = gatherPhyrs(w, positions.all(), positions.start(kind.code()), n, width);
          transform.list(columns.get(0), ranges);
          putColumns(PhysicalRanges.COLUMNS, ranges);
        }
      }
    }
    return out.toArray();
  }

  private void putKindsAndInstants(EventWords events) {
    positions.reset(events.counts());
    columns.reserve(events.count());
    long[] w = events.words();
    long[] codes = columns.get(0);
    long[] differences = columns.get(1);
    long before = 0;
    int size = events.size();
    for (int p = 0, j = 0; p < size; j++) {
      long head = w[p];
      long t = EventWords.instant(head);
      codes[j] = EventWords.code(head);
      differences[j] = t - before;
      before = t;
      positions.add(EventWords.code(head), p + EventWords.HEAD_WORDS);
      p = events.next(p);
    }
    putDistinct(codes, events.count());
    putNumbers(differences, events.count());
  }

  private void gather(long[] w, int[] firsts, int start, int n, int width) {
    for (int i = 0; i < width; i++) {
      long[] column = columns.get(i);
      for (int j = 0; j < n; j++) {
        column[j] = w[firsts[start + j] + i];
      }
    }
  }

  /** Takes the lists of all requests apart, and notes the client of each element as its key. */
  private int gatherPhyrs(long[] w, int[] firsts, int start, int n, int width) {
    int total = 0;
    for (int j = 0; j < n; j++) {
      total += (int) w[firsts[start + j] + width - 1];
    }
    columns.reserve(total);
    int e = 0;
    for (int j = 0; j < n; j++) {
      int list = firsts[start + j] + width;
      int listEnd = list + 2 * (int) w[list - 1];
      for (int q = list; q < listEnd; q += 2, e++) {
        columns.get(0)[e] = Granule.pfn(w[q]);
        columns.get(1)[e] = Granule.offset(w[q]);
        columns.get(2)[e] = w[q + 1];
        columns.get(PhysicalRanges.KEY)[e] = w[firsts[start + j]];
      }
    }
    return total;
  }

  private void putColumns(List<Column> specs, int n) {
    // From the last to the first: a key is needed as it is by the columns behind it.
    for (int i = specs.size() - 1; i >= 0; i--) {
      transform.toCodes(specs.get(i), columns, i, n);
    }
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).mode() == Column.Mode.PREDICTED) {
        putDistinct(columns.get(i), n);
      } else {
        putNumbers(columns.get(i), n);
      }
    }
  }

  private void putDistinct(long[] numbers, int n) {
    stream.clear();
    stream.putAll(numbers, n);
    out.putStream(stream);
  }

  private void putNumbers(long[] numbers, int n) {
    stream.clear();
    stream.putColumn(numbers, n);
    out.append(stream);
  }
}
