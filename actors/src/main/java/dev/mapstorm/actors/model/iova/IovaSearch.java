package dev.mapstorm.actors.model.iova;

/**
 * How the IOVA allocator finds a gap in its tree: what a search looks at, and so what it costs. All
 * of them find the same gap, so that runs differ in nothing else. The two proposals of 2026 ask for
 * the highest gap below the limit; here they are asked for the one below the cached node first, as
 * Linux searches.
 */
public enum IovaSearch {
  /**
   * From the cached node down, neighbour by neighbour ({@code __alloc_and_insert_iova_range}, Linux
   * 6.12).
   */
  LINEAR("linear") {
    @Override
    int looksAt(int walk, int searches, int misfits, int ranges) {
      return walk;
    }
  },

  /**
   * A red-black tree in which each node knows the largest gap below it ("iova augmented rbtree
   * O(log n) alloc_iova", Rik van Riel, linux-iommu, May 2026): a search goes down once, and once
   * more for each gap that is large enough but has no aligned place. The tree is taken as balanced.
   */
  AUGMENTED("augmented") {
    @Override
    int looksAt(int walk, int searches, int misfits, int ranges) {
      return (searches + misfits) * depth(ranges);
    }
  },

  /**
   * A maple tree ("iova: convert from rbtree to maple tree", v3, Rik van Riel, June 2026; {@code
   * mas_empty_area_rev}): the same with nodes of ten entries, of which eight are taken to be used.
   */
  MAPLE("maple") {
    @Override
    int looksAt(int walk, int searches, int misfits, int ranges) {
      return (searches + misfits) * ((depth(ranges) + 2) / 3);
    }
  };

  private final String label;

  IovaSearch(String label) {
    this.label = label;
  }

  /** What scenarios call it. */
  public String label() {
    return label;
  }

  /**
   * Nodes that a search looks at.
   *
   * @param walk neighbours that the linear search stepped over
   * @param searches 1, or 2 if it began anew from the limit; 0 if it failed without a search
   * @param misfits gaps on the way that were large enough, but not where the alignment asks for
   * @param ranges in the tree
   */
  abstract int looksAt(int walk, int searches, int misfits, int ranges);

  /** Levels of a balanced binary tree. */
  private static int depth(int ranges) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(ranges + 1);
  }
}
