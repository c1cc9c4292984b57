package dev.mapstorm.protocol.event;

import java.util.Arrays;

/**
 * Events in a flat {@code long[]}: the form in which a lane appends them and in which a decoded
 * batch is read. Appending costs a few stores; everything dearer (columns, hash, disk) happens
 * elsewhere.
 *
 * <p>Also a sink: its methods append. An instance belongs to one thread at a time; handing it over
 * needs a happens-before edge. The array is kept when the events are cleared.
 */
public final class EventWords extends FlatEvents {
  /** Words before the arguments of an event. */
  static final int HEAD_WORDS = 1;

  /** Most words that a batch may hold, half of what an array can. */
  static final long MOST_WORDS = 1 << 30;

  /** Instants are below this one: they share a word with the code. */
  static final long INSTANTS = 1L << 55;

  private static final int CODE_BITS = 8;
  private static final int LIST = EventKind.DMA_REQUESTED.code();
  private static final int LIST_LENGTH_AT = EventKind.DMA_REQUESTED.columns().size();

  private final int[] countOfKind = new int[EventKind.CODES];
  private int countedWords;
  private int lastHead;

  /** An empty buffer that grows from {@code capacity} words. */
  public EventWords(int capacity) {
    super(capacity);
  }

  /** Events held. */
  public int count() {
    return count;
  }

  /** Events held of one kind. */
  public int count(EventKind kind) {
    return counts()[kind.code()];
  }

  /** Words used. */
  public int size() {
    return size;
  }

  /** Forgets all events and keeps the memory. */
  public void clear() {
    size = 0;
    count = 0;
    countedWords = 0;
    Arrays.fill(countOfKind, 0);
  }

  /** Appends copies of all events of {@code other}, which keeps them. */
  public void append(EventWords other) {
    reserve(size + other.size);
    System.arraycopy(other.words, 0, words, size, other.size);
    size += other.size;
    count += other.count;
  }

  /** The instant of the last event; 0 when empty. */
  public long lastInstant() {
    if (count == 0) {
      return 0;
    }
    counts();
    return instant(words[lastHead]);
  }

  /** The instant of the first event; 0 when empty. */
  public long firstInstant() {
    return count == 0 ? 0 : instant(words[0]);
  }

  /** A copy of the number of events of each kind, by {@link EventKind#code()}. */
  public int[] kindCounts() {
    return counts().clone();
  }

  /**
   * The number of events of each kind, by code, for the codec. Counted when asked, since the lane
   * that appends has no time for it.
   */
  int[] counts() {
    for (int p = countedWords; p < size; p = next(p)) {
      countOfKind[code(words[p])]++;
      lastHead = p;
    }
    countedWords = size;
    return countOfKind;
  }

  /** The backing array, valid up to {@link #size()}, for the codec. */
  long[] words() {
    return words;
  }

  static int code(long head) {
    return (int) head & ((1 << CODE_BITS) - 1);
  }

  static long instant(long head) {
    return head >>> CODE_BITS;
  }

  static long head(long t, int code) {
    return t << CODE_BITS | code;
  }

  /** Index of the event behind the one at {@code p}. */
  int next(int p) {
    int code = code(words[p]);
    int end = p + EventKind.words(code);
    return code == LIST ? end + 2 * (int) words[p + LIST_LENGTH_AT] : end;
  }

  /** Calls {@code sink} for every event, in order. */
  public void forEach(EventSink sink) {
    for (int p = 0; p < size; p = next(p)) {
      dispatch(p, sink);
    }
  }
}
