package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Granule;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what {@link ColumnEncoder} wrote. Anything that cannot be such a payload is refused with a
 * {@link DamagedBatchException}; memory stays within a fixed multiple of the payload. Not
 * thread-safe; reuse one.
 */
public final class ColumnDecoder {
  private static final EventKind[] KINDS = EventKind.values();
  private static final int REQUEST = EventKind.DMA_REQUESTED.code();
  private static final int REQUEST_WIDTH = EventKind.DMA_REQUESTED.columns().size();

  private final ColumnTransform transform = new ColumnTransform();
  private final EventPositions positions = new EventPositions();
  private final Columns columns = new Columns();
  private final VarintStreams streams = new VarintStreams();
  private final int[] counts = new int[EventKind.CODES];
  private long[] codes = new long[1024];
  private long[] instants = new long[1024];

  /** A decoder that has read nothing. */
  public ColumnDecoder() {}

  /**
   * Replaces the contents of {@code into} by the {@code count} events of {@code payload}.
   *
   * @throws DamagedBatchException if the payload holds anything else; {@code into} is then empty
   */
  public void decode(byte[] payload, int count, EventWords into) {
    into.clear();
    try {
      streams.reset(payload);
      transform.begin();
      readKindsAndInstants(count);
      readRequestsAndLayOut(count, into);
      for (EventKind kind : KINDS) {
        if (counts[kind.code()] > 0 && kind != EventKind.DMA_REQUESTED) {
          readColumns(kind.columns(), counts[kind.code()]);
          scatter(kind, into.words());
        }
      }
      streams.close();
    } catch (DamagedBatchException e) {
      into.clear();
      throw e;
    }
  }

  private void readKindsAndInstants(int count) {
    streams.require(count);
    if (count > codes.length) {
      codes = new long[count];
      instants = new long[count];
    }
    streams.read(codes, count);
    Arrays.fill(counts, 0);
    for (int j = 0; j < count; j++) {
      long code = codes[j];
      if (code < 0 || code >= EventKind.CODES || EventKind.of((int) code) == null) {
        throw new DamagedBatchException("event " + j + " has the unknown kind " + code);
      }
      counts[(int) code]++;
    }
    streams.read(instants, count);
  }

  /** The list lengths of the requests are needed before anything can be put into its place. */
  private void readRequestsAndLayOut(int count, EventWords into) {
    int requests = counts[REQUEST];
    if (requests == 0) {
      layOut(count, 0, into);
      return;
    }
    readColumns(EventKind.DMA_REQUESTED.columns(), requests);
    long ranges = listLengths(requests);
    streams.require(ranges);
    layOut(count, ranges, into);
    scatter(EventKind.DMA_REQUESTED, into.words());
    readPhyrs((int) ranges, into.words());
  }

  private long listLengths(int requests) {
    long[] lengths = columns.get(REQUEST_WIDTH - 1);
    long sum = 0;
    for (int j = 0; j < requests; j++) {
      if (lengths[j] < 0 || lengths[j] > Integer.MAX_VALUE) {
        throw new DamagedBatchException("a request has " + lengths[j] + " physical ranges");
      }
      sum += lengths[j];
    }
    return sum;
  }

  private void layOut(int count, long ranges, EventWords into) {
    long all = 2 * ranges;
    for (EventKind kind : KINDS) {
      all += (long) counts[kind.code()] * EventKind.words(kind.code());
    }
    if (all > EventWords.MOST_WORDS) {
      throw new DamagedBatchException("its events need " + all + " words, too many for a batch");
    }
    into.reserve((int) all);
    positions.reset(counts);
    long[] lengths = columns.get(REQUEST_WIDTH - 1);
    long t = 0;
    for (int j = 0, request = 0; j < count; j++) {
      int code = (int) codes[j];
      t += instants[j];
      if (t < 0 || t >= EventWords.INSTANTS) {
        throw new DamagedBatchException("event %d has the instant %d".formatted(j, t));
      }
      int words = EventKind.words(code);
      if (code == REQUEST) {
        words += 2 * (int) lengths[request++];
      }
      int head = into.open(EventWords.head(t, code), words);
      positions.add(code, head + EventWords.HEAD_WORDS);
    }
  }

  private void readColumns(List<Column> specs, int n) {
    columns.reserve(n);
    for (int i = 0; i < specs.size(); i++) {
      Column spec = specs.get(i);
      streams.read(columns.get(i), n);
      transform.toValues(spec, columns, i, n);
    }
  }

  private void scatter(EventKind kind, long[] w) {
    int n = counts[kind.code()];
    int[] firsts = positions.all();
    int start = positions.start(kind.code());
    int width = kind.columns().size();
    for (int i = 0; i < width; i++) {
      long[] column = columns.get(i);
      for (int j = 0; j < n; j++) {
        w[firsts[start + j] + i] = column[j];
      }
    }
  }

  private void readPhyrs(int ranges, long[] w) {
    columns.reserve(ranges);
    int n = counts[REQUEST];
    int[] firsts = positions.all();
    int start = positions.start(REQUEST);
    long[] clients = columns.get(PhysicalRanges.KEY);
    for (int j = 0, e = 0; j < n; j++) {
      int listLength = (int) w[firsts[start + j] + REQUEST_WIDTH - 1];
      Arrays.fill(clients, e, e + listLength, w[firsts[start + j]]);
      e += listLength;
    }
    readColumns(PhysicalRanges.COLUMNS, ranges);
    transform.list(columns.get(0), ranges);
    for (int j = 0, e = 0; j < n; j++) {
      int list = firsts[start + j] + REQUEST_WIDTH;
      int listEnd = list + 2 * (int) w[list - 1];
      for (int q = list; q < listEnd; q += 2, e++) {
        w[q] = columns.get(0)[e] << Granule.SHIFT | columns.get(1)[e];
        w[q + 1] = columns.get(2)[e];
      }
    }
  }
}
