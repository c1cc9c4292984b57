package dev.mapstorm.protocol.event;

import java.util.Arrays;
import java.util.List;

/**
 * Reads what {@link ColumnEncoder} wrote. Anything that cannot be such a payload is refused with a
 * {@link DamagedBatchException}; it never reads outside the array. Not thread-safe; reuse one.
 */
public final class ColumnDecoder {
  private final ColumnMemory memory = new ColumnMemory();
  private final Stream kinds = new Stream();
  private final Stream instants = new Stream();
  private final Stream[][] columns = new Stream[EventKind.CODES][];
  private final Stream[] phyrs = new Stream[EventKind.PHYR.size()];
  private byte[] payload = new byte[0];

  /** A decoder that has read nothing. */
  public ColumnDecoder() {
    for (EventKind kind : EventKind.values()) {
      Stream[] streams = new Stream[kind.columns().size()];
      Arrays.setAll(streams, i -> new Stream());
      columns[kind.code()] = streams;
    }
    Arrays.setAll(phyrs, i -> new Stream());
  }

  /** Replaces the contents of {@code into} by the {@code count} events of {@code payload}. */
  public void decode(byte[] payload, int count, EventWords into) {
    this.payload = payload;
    into.clear();
    memory.forget();
    open(count);
    long t = 0;
    for (int i = 0; i < count; i++) {
      int code = (int) kinds.next();
      t += instants.next();
      EventKind kind = EventKind.of(code);
      if (kind == null) {
        throw new DamagedBatchException("event " + i + " has the unknown kind " + code);
      }
      if (kind == EventKind.DMA_REQUESTED) {
        readRequest(t, into);
      } else {
        readArguments(kind, into.open(t, kind, kind.columns().size()) + 2, into.words());
      }
    }
  }

  /** Finds where each stream starts; which there are follows from the kinds that occur. */
  private void open(int count) {
    int at = kinds.open(0);
    at = instants.open(at);
    boolean[] present = new boolean[EventKind.CODES];
    Stream scan = new Stream();
    scan.open(0);
    for (int i = 0; i < count; i++) {
      int code = (int) scan.next();
      if (code < 0 || code >= EventKind.CODES) {
        throw new DamagedBatchException("event " + i + " has the unknown kind " + code);
      }
      present[code] = true;
    }
    for (EventKind kind : EventKind.values()) {
      if (!present[kind.code()]) {
        continue;
      }
      for (Stream stream : columns[kind.code()]) {
        at = stream.open(at);
      }
      if (kind == EventKind.DMA_REQUESTED) {
        for (Stream stream : phyrs) {
          at = stream.open(at);
        }
      }
    }
    if (at != payload.length) {
      throw new DamagedBatchException(
          (payload.length - at) + " bytes stand behind the last stream");
    }
  }

  private void readArguments(EventKind kind, int first, long[] w) {
    List<Column> specs = kind.columns();
    Stream[] streams = columns[kind.code()];
    for (int i = 0; i < streams.length; i++) {
      Column spec = specs.get(i);
      // A key always stands before the column that it picks the slot for.
      w[first + i] = memory.value(spec, i == 0 ? 0 : w[first + spec.key()], streams[i].next());
    }
  }

  private void readRequest(long t, EventWords into) {
    Stream[] streams = columns[EventKind.DMA_REQUESTED.code()];
    long n = streams[streams.length - 1].peek();
    if (n < 0 || n > payload.length) {
      throw new DamagedBatchException("a request has " + n + " physical ranges");
    }
    int first = into.open(t, EventKind.DMA_REQUESTED, streams.length + 2 * (int) n) + 2;
    long[] w = into.words();
    readArguments(EventKind.DMA_REQUESTED, first, w);
    List<Column> specs = EventKind.PHYR;
    long client = w[first];
    for (int i = 0, q = first + streams.length; i < n; i++, q += 2) {
      long pfn = memory.value(specs.get(0), client, phyrs[0].next());
      long offset = memory.value(specs.get(1), client, phyrs[1].next());
      w[q] = (pfn << 12) | offset;
      w[q + 1] = memory.value(specs.get(2), client, phyrs[2].next());
    }
  }

  /** A cursor over one stream of the payload. */
  private final class Stream {
    private int at;
    private int end;

    /**
     * Starts at the stream whose length stands at {@code start}; returns where the next one stands.
     */
    int open(int start) {
      at = start;
      end = payload.length;
      long size = next();
      if (size < 0 || size > payload.length - at) {
        throw new DamagedBatchException(
            "a stream of " + size + " bytes at byte " + start + " does not fit the payload");
      }
      end = at + (int) size;
      return end;
    }

    long peek() {
      int here = at;
      long value = next();
      at = here;
      return value;
    }

    long next() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at >= end) {
          throw new DamagedBatchException("a stream ends early, at byte " + at);
        }
        byte b = payload[at++];
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw new DamagedBatchException("a number at byte " + at + " has more than 64 bits");
    }
  }
}
