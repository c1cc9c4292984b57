package dev.mapstorm.protocol.event;

import java.util.Arrays;
import java.util.List;

/**
 * Writes {@link EventWords} as columns of varints, the payload of a journal batch.
 *
 * <p>Layout: the stream of kind codes, the stream of instants (each the difference to the one
 * before), then for every kind that occurs, in ascending code, the stream of each of its columns;
 * {@link EventKind#DMA_REQUESTED} adds the three streams of its list. A stream is its length in
 * bytes as a varint, then its varints. Equal events give equal bytes. Not thread-safe; reuse one,
 * it keeps its buffers.
 */
public final class ColumnEncoder {
  private final ColumnMemory memory = new ColumnMemory();
  private final Varints kinds = new Varints(16 * 1024);
  private final Varints instants = new Varints(32 * 1024);
  private final Varints[][] columns = new Varints[EventKind.CODES][];
  private final Varints[] phyrs = new Varints[EventKind.PHYR.size()];
  private final Varints out = new Varints(128 * 1024);

  /** An encoder with empty buffers. */
  public ColumnEncoder() {
    for (EventKind kind : EventKind.values()) {
      columns[kind.code()] = buffers(kind.columns().size());
    }
    Arrays.setAll(phyrs, i -> new Varints(4096));
  }

  private static Varints[] buffers(int n) {
    Varints[] buffers = new Varints[n];
    Arrays.setAll(buffers, i -> new Varints(1024));
    return buffers;
  }

  /** The payload of all events in {@code events}, which stay as they are. */
  public byte[] encode(EventWords events) {
    clear();
    long[] w = events.words();
    long before = 0;
    for (int p = 0; p < events.size(); p += 1 + EventWords.following(w[p])) {
      int code = EventWords.code(w[p]);
      kinds.put(code);
      instants.put(w[p + 1] - before);
      before = w[p + 1];
      putArguments(w, p + 2, EventKind.of(code));
    }
    return assemble(events);
  }

  private void putArguments(long[] w, int first, EventKind kind) {
    List<Column> specs = kind.columns();
    Varints[] streams = columns[kind.code()];
    for (int i = 0; i < streams.length; i++) {
      Column spec = specs.get(i);
      streams[i].put(memory.code(spec, w[first + spec.key()], w[first + i]));
    }
    if (kind == EventKind.DMA_REQUESTED) {
      putPhyrs(w, first + streams.length, (int) w[first + streams.length - 1], w[first]);
    }
  }

  private void putPhyrs(long[] w, int first, int n, long client) {
    List<Column> specs = EventKind.PHYR;
    for (int i = 0, q = first; i < n; i++, q += 2) {
      phyrs[0].put(memory.code(specs.get(0), client, w[q] >>> 12));
      phyrs[1].put(memory.code(specs.get(1), client, w[q] & 0xfff));
      phyrs[2].put(memory.code(specs.get(2), client, w[q + 1]));
    }
  }

  private byte[] assemble(EventWords events) {
    out.put(kinds);
    out.put(instants);
    for (EventKind kind : EventKind.values()) {
      if (events.count(kind) == 0) {
        continue;
      }
      for (Varints stream : columns[kind.code()]) {
        out.put(stream);
      }
      if (kind == EventKind.DMA_REQUESTED) {
        for (Varints stream : phyrs) {
          out.put(stream);
        }
      }
    }
    return Arrays.copyOf(out.bytes(), out.size());
  }

  private void clear() {
    memory.forget();
    kinds.clear();
    instants.clear();
    out.clear();
    for (Varints[] streams : columns) {
      if (streams != null) {
        for (Varints stream : streams) {
          stream.clear();
        }
      }
    }
    for (Varints stream : phyrs) {
      stream.clear();
    }
  }
}
