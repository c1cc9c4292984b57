package dev.mapstorm.persistence.analysis.cpu;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The {@link CallCost}s of what is not over, each by the number of what it belongs to. Arrays are
 * used again. Not thread-safe.
 */
final class OpenCosts {
  private final Long2ObjectHashMap<long[]> open = new Long2ObjectHashMap<>();
  private final ArrayDeque<long[]> free = new ArrayDeque<>();

  /** Forgets all costs. */
  void clear() {
    open.clear();
    open.compact();
    free.clear();
  }

  /** The cost so far, to be added to; zero if there was none. */
  long[] of(long key) {
    long[] cost = open.get(key);
    if (cost == null) {
      cost = free.isEmpty() ? new long[CallCost.WORDS] : free.pop();
      Arrays.fill(cost, 0);
      open.put(key, cost);
    }
    return cost;
  }

  /** The cost so far, which ends; valid until the next call of {@link #of}. */
  long[] take(long key) {
    long[] cost = of(key);
    open.remove(key);
    free.push(cost);
    return cost;
  }

  /** Forgets the cost, if there is one. */
  void drop(long key) {
    long[] cost = open.remove(key);
    if (cost != null) {
      free.push(cost);
    }
  }
}
