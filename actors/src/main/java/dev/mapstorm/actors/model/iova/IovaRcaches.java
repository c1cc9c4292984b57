package dev.mapstorm.actors.model.iova;

import dev.mapstorm.actors.model.percpu.PerCpu;
import java.util.Arrays;

/**
 * The range caches of one domain: two magazines for each CPU and order, and a depot of full
 * magazines for each order. The {@code iova_rcache} half of Linux 6.12 {@code
 * drivers/iommu/iova.c}.
 *
 * <p>A magazine is a number. Its frames lie in one array at {@link #bottom}; the CPUs and depots
 * hold numbers, so a swap moves no frame. Magazine 0 is always empty, has no frames and stands for
 * the magazine of a CPU that never cached a range, so that many CPUs cost little memory.
 *
 * <p>Not thread-safe.
 */
final class IovaRcaches {
  /** The magazine that stays empty. */
  private static final int EMPTY = 0;

  private static final int INITIAL_MAGAZINES = 16;

  private final int orders;
  private final int magazineSize;
  private final int depotLimit;
  private final int depotKeep;

  /**
   * The magazine numbers of the CPUs that were here: at {@code order} the loaded ones, behind them,
   * at {@code orders + order}, the previous ones.
   */
  private final PerCpu<int[]> ofCpu;

  /** Top magazine of the depot of each order, linked by {@link #nextMagazine}. */
  private final int[] depotTop;

  private final int[] depotSize;

  private long[] frames = new long[0];
  private int[] fill = new int[INITIAL_MAGAZINES];
  private int[] nextMagazine = new int[INITIAL_MAGAZINES];
  private int freeMagazines = EMPTY;
  private int magazinesUsed = 1;

  private IovaPath path = IovaPath.NONE;
  private boolean tookDepotLock;
  private int overflow = EMPTY;

  IovaRcaches(int cpus, IovaParameters parameters) {
    orders = parameters.orders();
    magazineSize = parameters.magazineSize();
    depotLimit = parameters.depotLimit();
    depotKeep =
        parameters.depotKeep() == IovaParameters.ONLINE_CPUS ? cpus : parameters.depotKeep();
    ofCpu = new PerCpu<>(cpus);
    depotTop = new int[orders];
    depotSize = new int[orders];
  }

  /** Caches that hold the same and go their own way from here on. */
  IovaRcaches(IovaRcaches other) {
    orders = other.orders;
    magazineSize = other.magazineSize;
    depotLimit = other.depotLimit;
    depotKeep = other.depotKeep;
    ofCpu = new PerCpu<>(other.ofCpu.cpus());
    other.ofCpu.forEach((cpu, own) -> ofCpu.set(cpu, own.clone()));
    depotTop = other.depotTop.clone();
    depotSize = other.depotSize.clone();
    frames = other.frames.clone();
    fill = other.fill.clone();
    nextMagazine = other.nextMagazine.clone();
    freeMagazines = other.freeMagazines;
    magazinesUsed = other.magazinesUsed;
    path = other.path;
    tookDepotLock = other.tookDepotLock;
    overflow = other.overflow;
  }

  /** The magazines of a CPU, empty ones if it was never here. */
  private int[] magazines(int cpu) {
    int[] own = ofCpu.get(cpu);
    if (own == null) {
      own = new int[2 * orders];
      ofCpu.set(cpu, own);
    }
    return own;
  }

  /** Where the frames of a magazine begin. */
  private int bottom(int magazine) {
    return (magazine - 1) * magazineSize;
  }

  /** Where the last {@link #get} or {@link #put} found or left its range. */
  IovaPath path() {
    return path;
  }

  /** Whether the last {@link #get} or {@link #put} took the lock of the depot. */
  boolean tookDepotLock() {
    return tookDepotLock;
  }

  /**
   * {@code __iova_rcache_get}: the range nearest the top of the loaded magazine that begins at or
   * below {@code lastPfn}, compared without sign; the previous magazine or one from the depot is
   * loaded only if the loaded one is empty.
   *
   * @return its first frame, or 0 if the magazine loaded in the end has none
   */
  long get(int cpu, int order, long lastPfn) {
    int[] own = magazines(cpu);
    int prev = orders + order;
    int magazine = own[order];
    IovaPath from = IovaPath.LOADED;
    tookDepotLock = false;
    if (fill[magazine] == 0) {
      if (fill[own[prev]] != 0) {
        magazine = own[prev];
        own[prev] = own[order];
        from = IovaPath.PREV;
      } else {
        tookDepotLock = true;
        if (depotSize[order] == 0) {
          path = IovaPath.NONE;
          return 0;
        }
        giveBack(magazine);
        magazine = popDepot(order);
        from = IovaPath.DEPOT;
      }
      own[order] = magazine;
    }
    long pfn = pop(magazine, lastPfn);
    path = pfn == 0 ? IovaPath.NONE : from;
    return pfn;
  }

  /** What {@link #get} would answer; changes nothing. */
  long peek(int cpu, int order, long lastPfn) {
    int[] own = ofCpu.get(cpu);
    int magazine = own == null ? EMPTY : own[order];
    if (fill[magazine] == 0) {
      int prev = own == null ? EMPTY : own[orders + order];
      magazine = fill[prev] == 0 && depotSize[order] > 0 ? depotTop[order] : prev;
    }
    int found = find(magazine, lastPfn);
    return found < 0 ? 0 : frames[found];
  }

  /** {@code iova_magazine_pop}: the top frame fills the hole, so order is not kept. */
  private long pop(int magazine, long lastPfn) {
    int at = find(magazine, lastPfn);
    if (at < 0) {
      return 0;
    }
    int bottom = bottom(magazine);
    int top = bottom + fill[magazine] - 1;
    long pfn = frames[at];
    frames[at] = frames[top];
    fill[magazine] = top - bottom;
    return pfn;
  }

  /** Where the frame nearest the top lies that is at most {@code lastPfn}; -1 if none is. */
  private int find(int magazine, long lastPfn) {
    int bottom = bottom(magazine);
    int at = bottom + fill[magazine] - 1;
    while (at >= bottom && Long.compareUnsigned(frames[at], lastPfn) > 0) {
      at--;
    }
    return at < bottom ? -1 : at;
  }

  /**
   * {@code __iova_rcache_insert}: pushes a range to the loaded magazine; if that is full, to the
   * previous one, which is then loaded; if both are full, the loaded one moves to the depot and an
   * empty one takes its place. If the depot is at its limit the magazine becomes the {@link
   * #overflow}.
   */
  void put(int cpu, int order, long pfn) {
    int[] own = magazines(cpu);
    int prev = orders + order;
    int magazine = own[order];
    tookDepotLock = false;
    path = IovaPath.LOADED;
    if (fill[magazine] == magazineSize) {
      if (fill[own[prev]] != magazineSize) {
        path = IovaPath.PREV;
        own[order] = own[prev];
        own[prev] = magazine;
      } else {
        path = IovaPath.DEPOT;
        tookDepotLock = true;
        if (depotSize[order] < depotLimit) {
          pushDepot(order, magazine);
        } else {
          overflow = magazine;
        }
        own[order] = EMPTY;
      }
      magazine = own[order];
    }
    if (magazine == EMPTY) {
      magazine = takeMagazine();
      own[order] = magazine;
    }
    frames[bottom(magazine) + fill[magazine]++] = pfn;
  }

  /** Whether a magazine found no room in the depot and waits for {@link #freeOverflow}. */
  boolean overflowed() {
    return overflow != EMPTY;
  }

  /** Frees the magazine that the last {@link #put} found no room for; returns its ranges. */
  int freeOverflow(IovaTree tree) {
    int magazine = overflow;
    overflow = EMPTY;
    int freed = freeFrames(magazine, tree);
    giveBack(magazine);
    return freed;
  }

  /** {@code free_cpu_cached_iovas}: returns how many ranges went back to the tree. */
  int flushCpu(int cpu, IovaTree tree) {
    int[] own = ofCpu.get(cpu);
    int freed = 0;
    for (int order = 0; own != null && order < orders; order++) {
      freed += freeFrames(own[order], tree);
      freed += freeFrames(own[orders + order], tree);
    }
    return freed;
  }

  /** One order of {@code free_global_cached_iovas}: empties its depot, top magazine first. */
  int flushDepot(int order, IovaTree tree) {
    int freed = 0;
    while (depotSize[order] > 0) {
      freed += freeTopMagazine(order, tree);
    }
    return freed;
  }

  /**
   * {@code iova_depot_work_func}: frees the top magazine if the depot holds more than it keeps;
   * returns how many ranges went back to the tree.
   */
  int depotWork(int order, IovaTree tree) {
    return depotSize[order] > depotKeep ? freeTopMagazine(order, tree) : 0;
  }

  private int freeTopMagazine(int order, IovaTree tree) {
    int magazine = popDepot(order);
    int freed = freeFrames(magazine, tree);
    giveBack(magazine);
    return freed;
  }

  /** {@code iova_magazine_free_pfns}: bottom frame first; a frame without a range is skipped. */
  private int freeFrames(int magazine, IovaTree tree) {
    int bottom = bottom(magazine);
    int top = bottom + fill[magazine];
    int freed = 0;
    for (int at = bottom; at < top; at++) {
      if (tree.free(frames[at])) {
        freed++;
      }
    }
    fill[magazine] = 0;
    return freed;
  }

  private int popDepot(int order) {
    int magazine = depotTop[order];
    depotTop[order] = nextMagazine[magazine];
    depotSize[order]--;
    return magazine;
  }

  private void pushDepot(int order, int magazine) {
    nextMagazine[magazine] = depotTop[order];
    depotTop[order] = magazine;
    depotSize[order]++;
  }

  private int takeMagazine() {
    int magazine = freeMagazines;
    if (magazine != EMPTY) {
      freeMagazines = nextMagazine[magazine];
      return magazine;
    }
    if (magazinesUsed == fill.length) {
      int magazines = Math.multiplyExact(fill.length, 2);
      fill = Arrays.copyOf(fill, magazines);
      nextMagazine = Arrays.copyOf(nextMagazine, magazines);
    }
    if (bottom(magazinesUsed) == frames.length) {
      frames = Arrays.copyOf(frames, Math.max(magazineSize, Math.multiplyExact(frames.length, 2)));
    }
    return magazinesUsed++;
  }

  /** {@code iova_magazine_free}, for a magazine without ranges. */
  private void giveBack(int magazine) {
    if (magazine != EMPTY) {
      nextMagazine[magazine] = freeMagazines;
      freeMagazines = magazine;
    }
  }

  /**
   * Takes one range out of whichever magazine holds it; those above it move down.
   *
   * @return whether a magazine held it
   */
  boolean remove(int order, long pfn) {
    boolean[] removed = new boolean[1];
    ofCpu.forEach(
        (cpu, own) ->
            removed[0] =
                removed[0] || removeFrom(own[order], pfn) || removeFrom(own[orders + order], pfn));
    int magazine = depotTop[order];
    for (int left = depotSize[order]; left > 0 && !removed[0]; left--) {
      removed[0] = removeFrom(magazine, pfn);
      magazine = nextMagazine[magazine];
    }
    return removed[0];
  }

  private boolean removeFrom(int magazine, long pfn) {
    int bottom = bottom(magazine);
    for (int at = bottom; at < bottom + fill[magazine]; at++) {
      if (frames[at] == pfn) {
        fill[magazine]--;
        System.arraycopy(frames, at + 1, frames, at, bottom + fill[magazine] - at);
        return true;
      }
    }
    return false;
  }

  long[] loaded(int cpu, int order, int most) {
    int[] own = ofCpu.get(cpu);
    int magazine = own == null ? EMPTY : own[order];
    int top = bottom(magazine) + fill[magazine];
    return magazine == EMPTY
        ? new long[0]
        : Arrays.copyOfRange(frames, top - Math.min(most, fill[magazine]), top);
  }

  int depotSize(int order) {
    return depotSize[order];
  }

  int cached(int cpu, int order) {
    int[] own = ofCpu.get(cpu);
    return own == null ? 0 : fill[own[order]] + fill[own[orders + order]];
  }

  /** Ranges in all magazines, of the CPUs and of the depots. */
  long cached() {
    long[] sum = new long[1];
    ofCpu.forEach(
        (cpu, own) -> {
          for (int magazine : own) {
            sum[0] += fill[magazine];
          }
        });
    for (int order = 0; order < orders; order++) {
      sum[0] += (long) depotSize[order] * magazineSize;
    }
    return sum[0];
  }

  /** Shows every cached range: CPU by CPU, then the depots, each magazine bottom first. */
  void forEach(IovaDomain.CachedVisitor visitor) {
    ofCpu.forEach(
        (cpu, own) -> {
          for (int order = 0; order < orders; order++) {
            showMagazine(own[order], cpu, order, visitor);
            showMagazine(own[orders + order], cpu, order, visitor);
          }
        });
    for (int order = 0; order < orders; order++) {
      int magazine = depotTop[order];
      for (int left = depotSize[order]; left > 0; left--) {
        showMagazine(magazine, IovaDomain.CachedVisitor.IN_DEPOT, order, visitor);
        magazine = nextMagazine[magazine];
      }
    }
  }

  private void showMagazine(int magazine, int cpu, int order, IovaDomain.CachedVisitor visitor) {
    int bottom = bottom(magazine);
    for (int at = bottom; at < bottom + fill[magazine]; at++) {
      visitor.cached(cpu, order, frames[at]);
    }
  }
}
