package dev.mapstorm.persistence.primitive;

import java.util.Arrays;

/**
 * Hands out indices into parallel arrays, the lowest unused or the last one returned, so that what
 * is in flight stays in few cache lines. Not thread-safe.
 */
public final class SlotPool {
  private int[] returned = new int[16];
  private int inStock;
  private int used;

  /** An index that is not in use. */
  public int acquire() {
    return inStock > 0 ? returned[--inStock] : used++;
  }

  /** Returns an index that {@link #acquire} gave. */
  public void release(int slot) {
    if (inStock == returned.length) {
      returned = Arrays.copyOf(returned, inStock * 2);
    }
    returned[inStock++] = slot;
  }
}
