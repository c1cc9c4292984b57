package dev.mapstorm.actors.time;

import dev.mapstorm.protocol.message.Message;
import java.util.Arrays;

/**
 * Messages due later, earliest first and, within an instant, in the order in which they were added:
 * a 4-ary heap over flat arrays. Not thread-safe.
 */
public final class MessageHeap {
  private static final int WAYS = 4;

  private long[] due = new long[64];
  private long[] sequence = new long[64];
  private int[] target = new int[64];
  private Message[] message = new Message[64];
  private int size;
  private long nextSequence;

  /** Sees a message that is held. */
  @FunctionalInterface
  public interface Visitor {
    /** {@code message} is for {@code actor} at {@code due}. */
    void message(long due, int actor, Message message);
  }

  /** Shows all messages in the order in which they will be removed, and keeps them. */
  public void forEach(Visitor visitor) {
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> before(due[a], sequence[a], due[b], sequence[b]) ? -1 : 1);
    for (int i : order) {
      visitor.message(due[i], target[i], message[i]);
    }
  }

  /** Messages held. */
  public int size() {
    return size;
  }

  /** Instant of the earliest message. Undefined when empty. */
  public long earliest() {
    return due[0];
  }

  /** Whom the earliest message is for. Undefined when empty. */
  public int target() {
    return target[0];
  }

  /** Adds a message behind all others of its instant. */
  public void add(long dueNs, int actor, Message what) {
    if (size == due.length) {
      grow();
    }
    long order = nextSequence++;
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) / WAYS;
      // The new one has the largest sequence, so an equal instant stays behind.
      if (due[parent] <= dueNs) {
        break;
      }
      move(parent, hole);
      hole = parent;
    }
    put(hole, dueNs, order, actor, what);
  }

  /** Removes the earliest message and returns it. Its instant and target must be read before. */
  public Message remove() {
    Message first = message[0];
    size--;
    int last = size;
    long dueNs = due[last];
    long order = sequence[last];
    int hole = 0;
    while (true) {
      int child = smallestChild(hole);
      if (child < 0 || !before(due[child], sequence[child], dueNs, order)) {
        break;
      }
      move(child, hole);
      hole = child;
    }
    put(hole, dueNs, order, target[last], message[last]);
    message[last] = null;
    return first;
  }

  private int smallestChild(int parent) {
    int from = parent * WAYS + 1;
    if (from >= size) {
      return -1;
    }
    int to = Math.min(from + WAYS, size);
    int smallest = from;
    for (int i = from + 1; i < to; i++) {
      if (before(due[i], sequence[i], due[smallest], sequence[smallest])) {
        smallest = i;
      }
    }
    return smallest;
  }

  private static boolean before(long dueA, long sequenceA, long dueB, long sequenceB) {
    return dueA < dueB || (dueA == dueB && sequenceA < sequenceB);
  }

  private void move(int from, int to) {
    put(to, due[from], sequence[from], target[from], message[from]);
  }

  private void put(int at, long dueNs, long order, int actor, Message what) {
    due[at] = dueNs;
    sequence[at] = order;
    target[at] = actor;
    message[at] = what;
  }

  private void grow() {
    int capacity = size * 2;
    due = Arrays.copyOf(due, capacity);
    sequence = Arrays.copyOf(sequence, capacity);
    target = Arrays.copyOf(target, capacity);
    message = Arrays.copyOf(message, capacity);
  }
}
