package dev.mapstorm.protocol.event;

import java.util.Arrays;

/** The words that events are appended to. Not thread-safe. */
abstract class WordBuffer {
  private static final int LEAST = 64;

  long[] words;
  int size;
  int count;

  /** The list of the event that {@link #takeList} took apart last. */
  long[] phys = new long[LEAST];

  int[] length = new int[LEAST];

  WordBuffer(int capacity) {
    words = new long[Math.max(capacity, LEAST)];
  }

  /** Makes room for {@code size} words in all. */
  final void reserve(int size) {
    if (size > words.length) {
      words = Arrays.copyOf(words, Math.max(size, words.length * 2));
    }
  }

  /** Appends an event of {@code n} words with this head; returns the index of the head. */
  final int open(long head, int n) {
    int p = size;
    int next = p + n;
    reserve(next);
    words[p] = head;
    size = next;
    count++;
    return p;
  }

  final void putList(int at, int n, long[] phys, int[] length) {
    for (int i = 0, q = at; i < n; i++, q += 2) {
      words[q] = phys[i];
      words[q + 1] = length[i];
    }
  }

  /** Copies a list of {@code n} elements to {@link #phys} and {@link #length}. */
  final void takeList(int at, int n) {
    if (n > phys.length) {
      phys = new long[n * 2];
      length = new int[n * 2];
    }
    for (int i = 0, q = at; i < n; i++, q += 2) {
      phys[i] = words[q];
      length[i] = (int) words[q + 1];
    }
  }
}
