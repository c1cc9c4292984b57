package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.IntQueue;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The buffers that a client keeps mapped. Each has room for one request or more, one after the
 * other from its start; such a part is used by one request at a time, and the one that has been
 * free for longest is used next, as a ring of descriptors does. A buffer all of whose parts have
 * been used as often as they may is worn: it is unmapped, and another one takes its place. Not
 * thread-safe.
 */
final class KeptBuffers {
  private final WorkloadSpec spec;
  private final List<DmaRequest> mapped = new ArrayList<>();
  private final IntQueue free = new IntQueue();

  /** How often a part was used since its buffer was mapped. */
  private final int[] uses;

  /** Parts of a buffer that were used as often as they may. */
  private final int[] wornParts;

  private final IntQueue worn = new IntQueue();
  private int begun;

  KeptBuffers(WorkloadSpec spec) {
    this.spec = spec;
    boolean wears = spec.kept().rounds() > 0;
    uses = new int[wears ? spec.buffers() * spec.requestsInBuffer() : 0];
    wornParts = new int[wears ? spec.buffers() : 0];
  }

  /** Whether another buffer is to be mapped. */
  boolean hasUnmapped() {
    return begun < spec.buffers();
  }

  /** The number of the next one, which is that of its request. */
  int begin() {
    return begun++;
  }

  /** Gives all buffers their places without mapping one. */
  void beginUnmapped() {
    while (hasUnmapped()) {
      begin();
      mapped.add(null);
    }
  }

  /** A buffer is mapped and stays so. */
  void mapped(DmaRequest buffer) {
    mapped.add(buffer);
    freeParts(mapped.size() - 1);
  }

  /** Another buffer is mapped in the place of a worn one. */
  void renewed(int place, DmaRequest buffer) {
    mapped.set(place, buffer);
    freeParts(place);
  }

  private void freeParts(int place) {
    int first = place * spec.requestsInBuffer();
    for (int i = 0; i < spec.requestsInBuffer(); i++) {
      free.add(first + i);
    }
  }

  /** Whether a request finds room. */
  boolean hasFree() {
    return !free.isEmpty();
  }

  /** A request is done with its part. */
  void give(DmaRequest request) {
    int part = request.part;
    int rounds = spec.kept().rounds();
    if (rounds == 0 || ++uses[part] < rounds) {
      free.add(part);
      return;
    }
    uses[part] = 0;
    int place = part / spec.requestsInBuffer();
    if (++wornParts[place] == spec.requestsInBuffer()) {
      wornParts[place] = 0;
      worn.add(place);
    }
  }

  /** Whether a buffer is worn and still mapped. */
  boolean hasWorn() {
    return !worn.isEmpty();
  }

  /** The place of the buffer that has been worn for longest; it is the caller's to unmap. */
  int takeWorn() {
    return worn.remove();
  }

  /** The worn buffer at a place, which it leaves. */
  DmaRequest leave(int place) {
    return mapped.set(place, null);
  }

  /** Makes a request of the next free part; there must be one. */
  void next(DmaRequest request, long op, Direction way, long since) {
    int part = free.remove();
    DmaRequest buffer = mapped.get(part / spec.requestsInBuffer());
    long from = (long) (part % spec.requestsInBuffer()) * spec.bytes();
    long to = from + spec.bytes();
    begin(request, buffer, from, to, op, way, since);
    request.part = part;
    map(request, buffer, from, to);
  }

  /** The physical ranges: all of a buffer but the last are as long as its first. */
  private static void begin(
      DmaRequest request,
      DmaRequest buffer,
      long from,
      long to,
      long op,
      Direction way,
      long since) {
    long segment = buffer.length[0];
    int first = (int) (from / segment);
    int end = (int) ((to - 1) / segment) + 1;
    long[] phys = new long[end - first];
    int[] length = new int[end - first];
    for (int i = first; i < end; i++) {
      long start = Math.max(from, i * segment);
      phys[i - first] = buffer.phys[i] + start - i * segment;
      length[i - first] = (int) (Math.min(to, (i + 1) * segment) - start);
    }
    request.begin(op, MapApi.REUSED, way, phys, length, since);
  }

  private static void map(DmaRequest request, DmaRequest buffer, long from, long to) {
    int mapping = 0;
    long left = buffer.mappedBytes(0);
    long at = 0;
    for (int i = 0; i < buffer.vectorCount() && at < to; i++) {
      long bytes = buffer.vectorBytes(i);
      if (left == 0) {
        left = buffer.mappedBytes(++mapping);
      }
      left -= bytes;
      long end = at + bytes;
      if (end > from) {
        long skip = Math.max(0, from - at);
        request.reuses(
            buffer.mapping(mapping),
            buffer.mappedBy(mapping),
            buffer.vectorAddress(i),
            skip,
            Math.min(end, to) - at - skip);
      }
      at = end;
    }
  }

  /** Shows the buffers that are mapped, in the order in which they were. */
  void forEachMapped(Consumer<DmaRequest> visitor) {
    mapped.stream().filter(Objects::nonNull).forEach(visitor);
  }
}
