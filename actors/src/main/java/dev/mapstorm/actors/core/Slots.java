package dev.mapstorm.actors.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Reusable records of work in progress, each known by a small number that fits a message. The
 * lowest numbers that are free are not searched for: the one given back last is taken first. Not
 * thread-safe.
 *
 * @param <T> a mutable record
 */
public final class Slots<T> {
  private final List<T> slots = new ArrayList<>();
  private int[] free = new int[16];
  private int frees;

  /**
   * The number of a slot that is the caller's until it gives it back; what it holds is left over,
   * or new from {@code maker}.
   */
  public int take(Supplier<T> maker) {
    if (frees > 0) {
      return free[--frees];
    }
    slots.add(maker.get());
    return slots.size() - 1;
  }

  /** The record in a slot. */
  public T get(int slot) {
    return slots.get(slot);
  }

  /** Shows the numbers of the slots that are taken, in ascending order. */
  public void forEachTaken(IntConsumer visitor) {
    BitSet taken = new BitSet();
    taken.set(0, slots.size());
    for (int i = 0; i < frees; i++) {
      taken.clear(free[i]);
    }
    taken.stream().forEach(visitor);
  }

  /** Gives a slot back. */
  public void give(int slot) {
    if (frees == free.length) {
      free = Arrays.copyOf(free, frees * 2);
    }
    free[frees++] = slot;
  }
}
