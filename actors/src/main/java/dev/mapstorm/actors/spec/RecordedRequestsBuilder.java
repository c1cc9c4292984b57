package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.Limits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Collects {@link RecordedRequests} entry by entry, in time order. A map arrives first; what it
 * asks for may be told later, in any order. One that is never told is left out. That a map stood
 * from the start may be found out late: it is given then, and comes before all others. Not
 * thread-safe.
 */
public final class RecordedRequestsBuilder {
  private static final int NONE = -1;
  private static final long ENTRY_BYTES = Long.BYTES + 4L * Integer.BYTES + 5;
  private static final long RANGE_BYTES = Long.BYTES + Integer.BYTES;

  private long[] t = new long[16];
  private int[] op = new int[16];
  private boolean[] release = new boolean[16];
  private short[] cpu = new short[16];
  private byte[] direction = new byte[16];
  private byte[] api = new byte[16];
  private int[] first = new int[16];
  private int[] ranges = new int[16];
  private int size;

  private long[] phys = new long[16];
  private int[] length = new int[16];
  private int rangesSize;

  /** Null until a map has an address of its own. */
  private long[] iova;

  /** Entry of each map, by its number. */
  private int[] entryOf = {};

  private int untold;

  /** Entries of maps that stood from the start. */
  private final BitSet stood = new BitSet();

  /**
   * A map arrives.
   *
   * @param number of the request; given once
   * @param onCpu below {@link Limits#CPUS}
   */
  public void arrived(long instant, int number, int onCpu) {
    int known = entryOf.length;
    if (number >= known) {
      entryOf = Arrays.copyOf(entryOf, Math.max(number + 1, grown(known)));
      Arrays.fill(entryOf, known, entryOf.length, NONE);
    }
    entryOf[number] = size;
    untold++;
    add(instant, number, onCpu);
  }

  /**
   * A map was there when the recording began; told and released like others.
   *
   * @param number of the request; given once
   */
  public void stood(int number, int onCpu) {
    stood.set(size);
    arrived(0, number, onCpu);
  }

  /** Whether this map has arrived. */
  public boolean hasArrived(int number) {
    return number < entryOf.length && entryOf[number] != NONE;
  }

  /** What a map that has arrived asks for: the first {@code n} ranges of the arrays. */
  public void told(int number, int way, int how, int n, long[] starts, int[] lengths) {
    int entry = entryOf[number];
    direction[entry] = (byte) way;
    api[entry] = (byte) how;
    first[entry] = rangesSize;
    ranges[entry] = n;
    untold--;
    if (rangesSize + n > phys.length) {
      int room = Math.max(rangesSize + n, grown(phys.length));
      phys = Arrays.copyOf(phys, room);
      length = Arrays.copyOf(length, room);
    }
    System.arraycopy(starts, 0, phys, rangesSize, n);
    System.arraycopy(lengths, 0, length, rangesSize, n);
    rangesSize += n;
  }

  /**
   * A map that has been told is to have this address, on a granule. What was at a part of it before
   * should be released before.
   */
  public void placed(int number, long address) {
    if (iova == null) {
      iova = new long[t.length];
      Arrays.fill(iova, RecordedRequests.ANYWHERE);
    }
    iova[entryOf[number]] = address;
  }

  /** The release of a map. */
  public void released(long instant, int number, int onCpu) {
    int entry = add(instant, number, onCpu);
    release[entry] = true;
  }

  /** Maps that have arrived and were not told yet. */
  public int untold() {
    return untold;
  }

  /** Bytes that the entries so far take. */
  public long bytes() {
    return size * ENTRY_BYTES + rangesSize * RANGE_BYTES;
  }

  /** The entries; the builder is of no use afterwards. */
  public RecordedRequests build() {
    if (!stood.isEmpty()) {
      moveToFront();
    }
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (release[i] || ranges[i] > 0) {
        move(i, kept++);
      }
    }
    size = kept;
    entryOf = new int[0];
    // One column after the other, so that only one stands there twice.
    t = Arrays.copyOf(t, size);
    op = Arrays.copyOf(op, size);
    release = Arrays.copyOf(release, size);
    cpu = Arrays.copyOf(cpu, size);
    direction = Arrays.copyOf(direction, size);
    api = Arrays.copyOf(api, size);
    first = Arrays.copyOf(first, size);
    ranges = Arrays.copyOf(ranges, size);
    phys = Arrays.copyOf(phys, rangesSize);
    length = Arrays.copyOf(length, rangesSize);
    iova = iova == null ? null : Arrays.copyOf(iova, size);
    return new RecordedRequests(
        t, op, release, cpu, direction, api, first, ranges, phys, length, iova, predecessors());
  }

  /** Puts what stood from the start before all others, each in the order that they came in. */
  private void moveToFront() {
    int[] order =
        IntStream.concat(
                stood.stream(), IntStream.range(0, size).filter(entry -> !stood.get(entry)))
            .toArray();
    t = Arrays.stream(order).mapToLong(from -> t[from]).toArray();
    op = permuted(op, order);
    first = permuted(first, order);
    ranges = permuted(ranges, order);
    iova = iova == null ? null : Arrays.stream(order).mapToLong(from -> iova[from]).toArray();
    boolean[] releases = new boolean[size];
    short[] cpus = new short[size];
    byte[] directions = new byte[size];
    byte[] apis = new byte[size];
    for (int to = 0; to < size; to++) {
      releases[to] = release[order[to]];
      cpus[to] = cpu[order[to]];
      directions[to] = direction[order[to]];
      apis[to] = api[order[to]];
    }
    release = releases;
    cpu = cpus;
    direction = directions;
    api = apis;
  }

  private static int[] permuted(int[] values, int[] order) {
    return Arrays.stream(order).map(from -> values[from]).toArray();
  }

  /** For each map that has an address: which maps had a part of it last. */
  private int[][] predecessors() {
    if (iova == null) {
      return null;
    }
    int[][] after = new int[size][];
    TreeMap<Long, int[]> lastAt = new TreeMap<>();
    for (int entry = 0; entry < size; entry++) {
      if (!release[entry] && iova[entry] != RecordedRequests.ANYWHERE) {
        after[entry] = predecessors(entry, lastAt);
      }
    }
    return after;
  }

  /**
   * The ranges that a map replaces.
   *
   * @param lastAt by address, the map that had it last; null where none had it
   */
  private int[] predecessors(int entry, TreeMap<Long, int[]> lastAt) {
    long from = iova[entry];
    long to = from;
    for (int i = first[entry]; i < first[entry] + ranges[entry]; i++) {
      to += Granule.spanned(phys[i], length[i]) << Granule.SHIFT;
    }
    cut(lastAt, from);
    cut(lastAt, to);
    Map<Long, int[]> replaced = lastAt.subMap(from, to);
    int[] before =
        replaced.values().stream()
            .filter(Objects::nonNull)
            .mapToInt(each -> each[0])
            .distinct()
            .sorted()
            .toArray();
    replaced.clear();
    lastAt.put(from, new int[] {op[entry]});
    return before;
  }

  /** Makes a border at an address, with the same map on both sides. */
  private static void cut(TreeMap<Long, int[]> lastAt, long at) {
    Map.Entry<Long, int[]> below = lastAt.floorEntry(at);
    if (below == null || below.getKey() != at) {
      lastAt.put(at, below == null ? null : below.getValue());
    }
  }

  private int add(long instant, int number, int onCpu) {
    if (size == t.length) {
      int room = grown(size);
      t = Arrays.copyOf(t, room);
      op = Arrays.copyOf(op, room);
      release = Arrays.copyOf(release, room);
      cpu = Arrays.copyOf(cpu, room);
      direction = Arrays.copyOf(direction, room);
      api = Arrays.copyOf(api, room);
      first = Arrays.copyOf(first, room);
      ranges = Arrays.copyOf(ranges, room);
      if (iova != null) {
        iova = Arrays.copyOf(iova, room);
      }
    }
    if (iova != null) {
      iova[size] = RecordedRequests.ANYWHERE;
    }
    t[size] = instant;
    op[size] = number;
    cpu[size] = (short) onCpu;
    return size++;
  }

  private void move(int from, int to) {
    t[to] = t[from];
    op[to] = op[from];
    release[to] = release[from];
    cpu[to] = cpu[from];
    direction[to] = direction[from];
    api[to] = api[from];
    first[to] = first[from];
    ranges[to] = ranges[from];
    if (iova != null) {
      iova[to] = iova[from];
    }
  }

  /** A quarter more, so that big columns do not double. */
  private static int grown(int room) {
    return (int) Math.min(Integer.MAX_VALUE - 8, room + (room >> 2) + 16L);
  }
}
