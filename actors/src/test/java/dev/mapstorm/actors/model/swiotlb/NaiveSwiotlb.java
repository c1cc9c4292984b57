package dev.mapstorm.actors.model.swiotlb;

import java.util.ArrayList;
import java.util.List;

/**
 * Bounce buffers as slow and plain as can be: a flag a slot, every run counted anew, addresses
 * compared as addresses. Written from the rules, not from {@link Swiotlb}.
 */
final class NaiveSwiotlb {
  static final int SLOT = 2048;
  static final int GROUP = 128;

  /** A pool; newest last. */
  static final class Pool {
    final long start;
    final boolean[] taken;
    final int areas;
    final int[] next;

    Pool(long start, int slots, int areas) {
      this.start = start;
      this.areas = areas;
      taken = new boolean[slots];
      next = new int[areas];
    }

    int areaSlots() {
      return taken.length / areas;
    }

    int free(int area) {
      int free = 0;
      for (int i = area * areaSlots(); i < (area + 1) * areaSlots(); i++) {
        free += taken[i] ? 0 : 1;
      }
      return free;
    }

    long address(int slot) {
      return start + (long) slot * SLOT;
    }
  }

  /** What a search gave. */
  record Found(Pool pool, int slot, int checked, int areas) {}

  final List<Pool> pools = new ArrayList<>();
  private final int firstAreas;

  NaiveSwiotlb(long start, int slots, int areas) {
    pools.add(new Pool(start, slots, areas));
    firstAreas = areas;
  }

  /** Whether slots that follow each other from {@code slot} can hold a mapping. */
  private static boolean fits(Pool pool, int slot, long slots, long boundary) {
    if (slot % GROUP + slots > GROUP || slot + slots > pool.taken.length) {
      return false;
    }
    for (int i = slot; i < slot + slots; i++) {
      if (pool.taken[i]) {
        return false;
      }
    }
    if (boundary == 0) {
      return true;
    }
    long first = pool.address(slot);
    long last = first + slots * SLOT - 1;
    return first / (boundary + 1) == last / (boundary + 1);
  }

  /**
   * Searches all pools, newest first, area by area from the CPU's own on, and takes what it finds.
   *
   * @param keep bits that phys and slot must share
   * @param boundary 0 if there is none
   */
  Found take(int cpu, long phys, long bytes, long keep, long align, long boundary) {
    long slots = (bytes + SLOT - 1) / SLOT;
    long aligned = align;
    if (align == 0 && keep == 0 && bytes >= 4096) {
      aligned = 4095;
    }
    aligned = Math.max(aligned, SLOT - 1);
    long shared = keep > aligned ? keep - aligned : 0;
    int stride = (int) ((Math.max(aligned, shared) + SLOT) / SLOT);
    int checked = 0;
    int areas = 0;
    for (int k = 0; k < firstAreas; k++) {
      for (int p = pools.size() - 1; p >= 0; p--) {
        Pool pool = pools.get(p);
        if (k >= pool.areas) {
          continue;
        }
        int area = (cpu + k) % pool.areas;
        areas++;
        if (pool.free(area) < slots) {
          continue;
        }
        int at = pool.next[area];
        int steps = 0;
        while (steps < pool.areaSlots()) {
          checked++;
          int slot = area * pool.areaSlots() + at;
          long address = boundary == 0 ? pool.address(slot) : offsetIn(pool, slot, boundary);
          boolean suits =
              address % (aligned + 1) == 0 && (phys == 0 || sameBits(address, phys, shared));
          if (suits && fits(pool, slot, slots, boundary)) {
            for (int i = 0; i < slots; i++) {
              pool.taken[slot + i] = true;
            }
            int after = at + (int) slots;
            pool.next[area] = after >= pool.areaSlots() ? 0 : after;
            return new Found(pool, slot, checked, areas);
          }
          int step = suits ? stride : 1;
          steps += step;
          at += step;
          if (at >= pool.areaSlots()) {
            at = 0;
          }
        }
      }
    }
    return new Found(null, -1, checked, areas);
  }

  /** Linux looks at the address of slot 0 within the boundary and counts on from there. */
  private static long offsetIn(Pool pool, int slot, long boundary) {
    return pool.start % (boundary + 1) + (long) slot * SLOT;
  }

  /** {@code shared} is a run of ones that begins above the bits of a slot's alignment. */
  private static boolean sameBits(long a, long b, long shared) {
    for (long bit = 1; bit != 0; bit <<= 1) {
      if ((shared & bit) != 0 && (a & bit) != (b & bit)) {
        return false;
      }
    }
    return true;
  }

  void release(Pool pool, int slot, int slots) {
    for (int i = slot; i < slot + slots; i++) {
      if (!pool.taken[i]) {
        throw new IllegalStateException("slot " + i + " is free");
      }
      pool.taken[i] = false;
    }
  }
}
