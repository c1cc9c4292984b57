package dev.mapstorm.actors.core;

import java.util.function.IntConsumer;

/** A first-in first-out queue of ints that grows. Not thread-safe. */
public final class IntQueue {
  private int[] items = new int[16];
  private int first;
  private int size;

  public boolean isEmpty() {
    return size == 0;
  }

  public int size() {
    return size;
  }

  /** Shows all items, oldest first. */
  public void forEach(IntConsumer visitor) {
    for (int i = 0; i < size; i++) {
      visitor.accept(items[(first + i) & (items.length - 1)]);
    }
  }

  public void add(int item) {
    if (size == items.length) {
      int[] larger = new int[size * 2];
      for (int i = 0; i < size; i++) {
        larger[i] = items[(first + i) & (size - 1)];
      }
      items = larger;
      first = 0;
    }
    items[(first + size++) & (items.length - 1)] = item;
  }

  /** The oldest item; the queue must not be empty. */
  public int remove() {
    int item = items[first];
    first = (first + 1) & (items.length - 1);
    size--;
    return item;
  }
}
