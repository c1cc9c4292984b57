package dev.mapstorm.actors.model.pagetable;

import java.util.Arrays;

/**
 * Table pages that an operation made or freed, in the order in which it did. Grows to the longest
 * list seen and then allocates no more. Not thread safe.
 */
public final class TableList {
  private int[] level = new int[4];
  private long[] iova = new long[4];
  private int size;

  /** Tables in the list. */
  public int size() {
    return size;
  }

  /** Level of table {@code i}; tables of the granule's entries are level 1. */
  public int level(int i) {
    return level[within(i)];
  }

  /** First I/O virtual address that table {@code i} covers. */
  public long iova(int i) {
    return iova[within(i)];
  }

  void clear() {
    size = 0;
  }

  void add(int tableLevel, long first) {
    if (size == level.length) {
      level = Arrays.copyOf(level, size * 2);
      iova = Arrays.copyOf(iova, size * 2);
    }
    level[size] = tableLevel;
    iova[size] = first;
    size++;
  }

  private int within(int i) {
    if (i < 0 || i >= size) {
      throw new IndexOutOfBoundsException("table " + i + " of " + size);
    }
    return i;
  }
}
