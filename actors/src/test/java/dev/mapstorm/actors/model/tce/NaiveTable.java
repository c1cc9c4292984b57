package dev.mapstorm.actors.model.tce;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The rules of a powerpc table, entry by entry: slow and plain. */
final class NaiveTable {
  private record Pool(long start, long end) {}

  private final TceWindow window;
  private final TreeSet<Long> taken = new TreeSet<>();
  private final List<Pool> pools = new ArrayList<>();
  final List<Long> hints = new ArrayList<>();
  private int usedPool;
  int searches;
  int locks;

  NaiveTable(TceWindow window) {
    this.window = window;
    int small = (window.size() << window.tceShift()) >= 1L << 30 ? 4 : 1;
    long each = window.size() * 3 / 4 / small;
    for (int i = 0; i < small; i++) {
      pools.add(new Pool(i * each, (i + 1) * each));
    }
    pools.add(new Pool(small * each, window.size()));
    pools.forEach(pool -> hints.add(pool.start()));
    for (long entry = 0; entry < window.size(); entry++) {
      long absolute = entry + window.offset();
      if (absolute == 0 || absolute >= window.reservedFirst() && absolute < window.reservedEnd()) {
        taken.add(entry);
      }
    }
  }

  int large() {
    return pools.size() - 1;
  }

  int taken() {
    return taken.size();
  }

  /**
   * The order of the facts: own pool from its hint, own pool from its start, the small pools from
   * the next one round to the own one, the large pool.
   */
  long allocate(int count, long handle, int own, DeviceReach reach, int align) {
    searches = 0;
    locks = 0;
    boolean big = count > 15;
    List<Integer> order = new ArrayList<>();
    order.add(big ? large() : own);
    order.add(order.get(0));
    for (int i = 1; i <= large(); i++) {
      order.add((own + i) % large());
    }
    order.add(large());
    for (int turn = 0; turn < order.size(); turn++) {
      int pool = order.get(turn);
      if (turn != 1) {
        locks++;
      }
      if (turn > 0) {
        hints.set(pool, pools.get(pool).start());
      }
      long found = turn(turn, pool, count, handle, reach, align, big);
      if (turn == 0) {
        // A short mask has led to pool 0, where the second turn is too.
        order.set(1, usedPool);
      }
      if (found >= 0) {
        return found;
      }
    }
    return -1;
  }

  private long turn(
      int turn, int asked, int count, long handle, DeviceReach reach, int align, boolean big) {
    int pool = asked;
    long from = hints.get(pool);
    if (turn == 0 && handle != 0 && inside(handle, pools.get(pool))) {
      from = handle;
    }
    long end = pools.get(pool).end();
    if (from >= end) {
      from = pools.get(pool).start();
    }
    long mask = reach.mask() >>> window.tceShift();
    if (end + window.offset() > mask) {
      end = mask + 1 - window.offset();
      if (turn == 0 && (from & mask) < end) {
        from &= mask;
      } else {
        locks++;
        pool = 0;
        from = 0;
      }
    }
    usedPool = pool;
    searches++;
    long found = lowest(from, end - 1, count, reach, align);
    if (found >= 0) {
      for (long entry = found; entry < found + count; entry++) {
        taken.add(entry);
      }
      long after = found + count;
      long block = window.blockSize();
      hints.set(pool, big ? after : (after + block - 1) / block * block);
    }
    return found;
  }

  private static boolean inside(long entry, Pool pool) {
    return entry >= pool.start() && entry < pool.end();
  }

  private long lowest(long from, long end, int count, DeviceReach reach, int align) {
    long bytes = 1L << window.tceShift();
    for (long entry = from; entry + count <= end; entry++) {
      long first = (window.offset() + entry) * bytes;
      long last = first + count * bytes - 1;
      boolean crosses =
          reach.segBoundaryMask() != -1
              && first / (reach.segBoundaryMask() + 1) != last / (reach.segBoundaryMask() + 1);
      if (entry % (1L << align) == 0 && !crosses && taken.subSet(entry, entry + count).isEmpty()) {
        return entry;
      }
    }
    return -1;
  }

  void free(long entry, int count) {
    taken.subSet(entry, entry + count).clear();
  }
}
