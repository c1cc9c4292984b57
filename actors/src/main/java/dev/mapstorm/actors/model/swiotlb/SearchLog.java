package dev.mapstorm.actors.model.swiotlb;

import java.util.Arrays;

/**
 * The areas that the last search went through, in order: each was locked ({@code area->lock}) while
 * it was searched. Not thread-safe.
 */
public final class SearchLog {
  private IoTlbPool[] pool = new IoTlbPool[4];
  private int[] area = new int[4];
  private int[] checked = new int[4];
  private int areas;
  private int sum;

  /** Forgets the last search. */
  public void clear() {
    Arrays.fill(pool, 0, areas, null);
    areas = 0;
    sum = 0;
  }

  void add(IoTlbPool searched, int its, int slots) {
    if (areas == pool.length) {
      pool = Arrays.copyOf(pool, 2 * areas);
      area = Arrays.copyOf(area, 2 * areas);
      checked = Arrays.copyOf(checked, 2 * areas);
    }
    pool[areas] = searched;
    area[areas] = its;
    checked[areas++] = slots;
    sum += slots;
  }

  /** Areas searched, which is how many locks were taken. */
  public int areas() {
    return areas;
  }

  /** Slots looked at in all of them. */
  public int checked() {
    return sum;
  }

  /** The pool of the {@code i}-th area. */
  public IoTlbPool pool(int i) {
    return pool[i];
  }

  /** The number of the {@code i}-th area in its pool. */
  public int area(int i) {
    return area[i];
  }

  /** Slots looked at in the {@code i}-th area. */
  public int checked(int i) {
    return checked[i];
  }
}
