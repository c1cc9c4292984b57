package dev.mapstorm.actors.model.iova;

import java.util.Arrays;

/**
 * The set of IOVA ranges that are not free: the {@code rbroot} of {@code struct iova_domain} with
 * its cached nodes, Linux 6.12 {@code drivers/iommu/iova.c}. Frame numbers are in granules.
 *
 * <p>Linux keeps the ranges in a red-black tree but searches it by walking from neighbour to
 * neighbour, so an answer depends on the order of the ranges and not on the shape of the tree. This
 * class therefore keeps a sorted, doubly linked ring over primitive arrays, closed by the anchor,
 * and finds a range by its first frame through an open-addressing index: a step, an insertion and a
 * removal are each O(1).
 *
 * <p>One thing does depend on the shape: when a range lies across the limit of a 32-bit search that
 * retries, {@code iova_find_limit} starts at that range or at the one above it, whichever the tree
 * reaches first. The frame found is the same; the walk may be one step shorter than counted here.
 * Ranges aligned to their size never lie across a limit that is a power of two.
 *
 * <p>Not thread-safe.
 */
final class IovaTree {
  /** Node of the anchor, above every frame; also the end of every walk. */
  private static final int ANCHOR = 0;

  /** First frame of the anchor: above anything a search can name ({@code IOVA_ANCHOR}). */
  private static final long ANCHOR_PFN = Long.MAX_VALUE;

  private static final int INITIAL_NODES = 16;

  private final long startPfn;
  private final long dma32Pfn;
  private final IovaSearch search;

  // One array a field: each step of a walk waits for the link of the last, and links alone stay in
  // the nearest caches where whole nodes would not (measured with 50 000 ranges: a quarter faster).
  private long[] pfnLo = new long[INITIAL_NODES];
  private long[] pfnHi = new long[INITIAL_NODES];
  private int[] below = new int[INITIAL_NODES];
  private int[] above = new int[INITIAL_NODES];
  private int ranges;

  /** First unused node number, and the list of given-back nodes linked by {@link #above}. */
  private int nodesUsed = 1;

  private int freeNodes = ANCHOR;

  /** Open addressing with linear probing: node of a first frame, {@link #ANCHOR} where empty. */
  private int[] index = new int[2 * INITIAL_NODES];

  private int indexShift = Long.numberOfLeadingZeros(index.length) + 1;

  private int cachedNode = ANCHOR;
  private int cached32Node = ANCHOR;
  private long max32AllocSize;
  private int walk;
  private int searches;
  private int misfits;

  /** The node above the gap that the last search found. */
  private int gapBelow = ANCHOR;

  /**
   * An empty set.
   *
   * @param startPfn lowest frame to give out
   * @param dma32Pfn first frame above 4 GiB ({@code dma_32bit_pfn})
   * @param search what {@link #walk} counts
   */
  IovaTree(long startPfn, long dma32Pfn, IovaSearch search) {
    this.startPfn = startPfn;
    this.dma32Pfn = dma32Pfn;
    this.search = search;
    this.max32AllocSize = dma32Pfn;
    pfnLo[ANCHOR] = ANCHOR_PFN;
    pfnHi[ANCHOR] = ANCHOR_PFN;
  }

  /** A set that holds the same and goes its own way from here on. */
  IovaTree(IovaTree other) {
    startPfn = other.startPfn;
    dma32Pfn = other.dma32Pfn;
    search = other.search;
    pfnLo = other.pfnLo.clone();
    pfnHi = other.pfnHi.clone();
    below = other.below.clone();
    above = other.above.clone();
    ranges = other.ranges;
    nodesUsed = other.nodesUsed;
    freeNodes = other.freeNodes;
    index = other.index.clone();
    indexShift = other.indexShift;
    cachedNode = other.cachedNode;
    cached32Node = other.cached32Node;
    max32AllocSize = other.max32AllocSize;
    walk = other.walk;
    searches = other.searches;
    misfits = other.misfits;
    gapBelow = other.gapBelow;
  }

  /** Ranges held: in use, cached and reserved. */
  int ranges() {
    return ranges;
  }

  /** Nodes that the last {@link #alloc} looked at; 0 if it failed without a search. */
  int walk() {
    return walk;
  }

  /**
   * {@code max_alloc32_size}: a 32-bit search for this many granules or more fails without a walk.
   */
  long max32AllocSize() {
    return max32AllocSize;
  }

  /**
   * {@code __alloc_and_insert_iova_range}, size-aligned: the highest free aligned range below
   * {@code limitEnd} as seen from the cached node, then once more from the limit down to where the
   * first search began.
   *
   * @param size granules, at least 1
   * @param limitEnd first frame that may not be used
   * @return its first frame, or 0 if there is none
   */
  long alloc(long size, long limitEnd) {
    walk = 0;
    if (failsAtOnce(size, limitEnd)) {
      return 0;
    }
    long found = findGap(size, limitEnd);
    walk = search.looksAt(walk, searches, misfits, ranges);
    if (found == 0) {
      // Linux notes the size of a failed 64-bit search here as well.
      max32AllocSize = size;
      return 0;
    }
    int added = insertBelow(gapBelow, found, found + size - 1);
    if (found + size - 1 < dma32Pfn) {
      cached32Node = added;
    } else {
      cachedNode = added;
    }
    return found;
  }

  /** What {@link #alloc} would answer; changes nothing. */
  long peek(long size, long limitEnd) {
    int walked = walk;
    long found = failsAtOnce(size, limitEnd) ? 0 : findGap(size, limitEnd);
    walk = walked;
    return found;
  }

  private boolean failsAtOnce(long size, long limitEnd) {
    return limitEnd <= dma32Pfn && size >= max32AllocSize;
  }

  private long findGap(long size, long limitEnd) {
    searches = 0;
    misfits = 0;
    int start = limitEnd <= dma32Pfn ? cached32Node : cachedNode;
    long retryPfn = pfnHi[start];
    long found = search(start, size, limitEnd, startPfn);
    return found == 0 && retryPfn < limitEnd
        ? search(findLimit(limitEnd), size, limitEnd, retryPfn + 1)
        : found;
  }

  /**
   * Walks down from {@code start} to a gap at or above {@code lowPfn}, {@link #gapBelow} a node.
   */
  private long search(int start, long size, long limitEnd, long lowPfn) {
    long[] lo = pfnLo;
    long[] hi = pfnHi;
    int[] down = below;
    long alignMask = -1L << (Long.SIZE - Long.numberOfLeadingZeros(size - 1));
    long highPfn = limitEnd;
    long newPfn;
    int node = start;
    int prev;
    int steps = 0;
    boolean counts = this.search != IovaSearch.LINEAR;
    int unaligned = 0;
    do {
      highPfn = Math.min(highPfn, lo[node]);
      newPfn = (highPfn - size) & alignMask;
      prev = node;
      node = down[node];
      steps++;
      if (counts && newPfn <= hi[node] && highPfn - size > hi[node]) {
        unaligned++;
      }
    } while (node != ANCHOR && newPfn <= hi[node] && newPfn >= lowPfn);
    walk += steps;
    searches++;
    misfits += unaligned;
    gapBelow = prev;
    return highPfn < size || newPfn < lowPfn ? 0 : newPfn;
  }

  /** {@code iova_find_limit}: the lowest node at or above the limit; the anchor above 4 GiB. */
  private int findLimit(long limitEnd) {
    if (limitEnd > dma32Pfn) {
      return ANCHOR;
    }
    int node = cached32Node;
    while (pfnLo[node] < limitEnd) {
      node = above[node];
    }
    while (below[node] != ANCHOR && pfnLo[below[node]] >= limitEnd) {
      node = below[node];
    }
    return node;
  }

  /**
   * {@code free_iova}: removes the range that holds {@code pfn}.
   *
   * @return whether there was one
   */
  boolean free(long pfn) {
    int node = find(pfn);
    if (node == ANCHOR) {
      return false;
    }
    updateCachedNodes(node);
    unindex(node);
    int up = above[node];
    int down = below[node];
    below[up] = down;
    above[down] = up;
    above[node] = freeNodes;
    freeNodes = node;
    ranges--;
    return true;
  }

  /** {@code __cached_rbnode_delete_update}. */
  private void updateCachedNodes(int freed) {
    if (freed == cached32Node || (pfnHi[freed] < dma32Pfn && pfnLo[freed] >= pfnLo[cached32Node])) {
      cached32Node = above[freed];
    }
    if (pfnLo[freed] < dma32Pfn) {
      max32AllocSize = dma32Pfn;
    }
    if (pfnLo[freed] >= pfnLo[cachedNode]) {
      cachedNode = above[freed];
    }
  }

  /**
   * {@code reserve_iova}: keeps {@code lo} to {@code hi} from being given out. Ranges that it
   * overlaps grow downwards to take part of it, and what lies above the last of them becomes a
   * range of its own, as in Linux.
   */
  void reserve(long lo, long hi) {
    boolean overlapped = false;
    int node = above[ANCHOR];
    for (; node != ANCHOR; node = above[node]) {
      if (lo <= pfnHi[node] && hi >= pfnLo[node]) {
        if (lo < pfnLo[node]) {
          unindex(node);
          pfnLo[node] = lo;
          index(node);
        }
        if (hi <= pfnHi[node]) {
          return;
        }
        lo = pfnHi[node] + 1;
        overlapped = true;
      } else if (overlapped || pfnLo[node] > hi) {
        break;
      }
    }
    insertBelow(node, lo, hi);
  }

  /** Whether a range holds {@code pfn}. O(1) for the first frame of a range, else O(ranges). */
  boolean contains(long pfn) {
    return find(pfn) != ANCHOR;
  }

  /** Whether a range begins at {@code pfn}. O(1). */
  boolean begins(long pfn) {
    return findStart(pfn) != ANCHOR;
  }

  /** Last frame of the range that begins at {@code pfn}, or -1 if none does. O(1). */
  long end(long pfn) {
    int node = findStart(pfn);
    return node == ANCHOR ? -1 : pfnHi[node];
  }

  /** Shows every range, lowest first. */
  void forEach(IovaDomain.RangeVisitor visitor) {
    for (int node = above[ANCHOR]; node != ANCHOR; node = above[node]) {
      visitor.range(pfnLo[node], pfnHi[node]);
    }
  }

  /** {@code private_find_iova}. */
  private int find(long pfn) {
    int node = findStart(pfn);
    if (node != ANCHOR) {
      return node;
    }
    node = below[ANCHOR];
    while (node != ANCHOR && pfnLo[node] > pfn) {
      node = below[node];
    }
    return node != ANCHOR && pfn <= pfnHi[node] ? node : ANCHOR;
  }

  private int insertBelow(int up, long lo, long hi) {
    int node = takeNode();
    int down = below[up];
    pfnLo[node] = lo;
    pfnHi[node] = hi;
    above[node] = up;
    below[node] = down;
    below[up] = node;
    above[down] = node;
    index(node);
    ranges++;
    return node;
  }

  private int takeNode() {
    int node = freeNodes;
    if (node != ANCHOR) {
      freeNodes = above[node];
      return node;
    }
    if (nodesUsed == pfnLo.length) {
      grow();
    }
    return nodesUsed++;
  }

  private void grow() {
    int nodes = Math.multiplyExact(pfnLo.length, 2);
    pfnLo = Arrays.copyOf(pfnLo, nodes);
    pfnHi = Arrays.copyOf(pfnHi, nodes);
    below = Arrays.copyOf(below, nodes);
    above = Arrays.copyOf(above, nodes);
    index = new int[Math.multiplyExact(nodes, 2)];
    indexShift--;
    for (int node = above[ANCHOR]; node != ANCHOR; node = above[node]) {
      index(node);
    }
  }

  /** Fibonacci hashing: frames come in runs with a common stride. */
  private int slot(long pfn) {
    return (int) ((pfn * 0x9E3779B97F4A7C15L) >>> indexShift);
  }

  private int findStart(long pfn) {
    int mask = index.length - 1;
    int slot = slot(pfn);
    int node = index[slot];
    while (node != ANCHOR && pfnLo[node] != pfn) {
      slot = (slot + 1) & mask;
      node = index[slot];
    }
    return node;
  }

  private void index(int node) {
    int mask = index.length - 1;
    int slot = slot(pfnLo[node]);
    while (index[slot] != ANCHOR) {
      slot = (slot + 1) & mask;
    }
    index[slot] = node;
  }

  /** Removes a node and moves up what probed past it, so that no tombstones are left. */
  private void unindex(int node) {
    int mask = index.length - 1;
    int hole = slot(pfnLo[node]);
    while (index[hole] != node) {
      hole = (hole + 1) & mask;
    }
    int slot = hole;
    for (int next = nextAt(slot, mask); next != ANCHOR; next = nextAt(slot, mask)) {
      slot = (slot + 1) & mask;
      int distanceHome = (slot - slot(pfnLo[next])) & mask;
      if (distanceHome >= ((slot - hole) & mask)) {
        index[hole] = next;
        hole = slot;
      }
    }
    index[hole] = ANCHOR;
  }

  private int nextAt(int slot, int mask) {
    return index[(slot + 1) & mask];
  }
}
