package dev.mapstorm.protocol.event;

/**
 * Walks through the events of an {@link EventWords} one by one and shows each as its kind and the
 * numbers of its {@linkplain EventKind#columns() columns}, for those that treat all kinds alike.
 * What it shows is valid until {@link #next} or {@link #begin}, and until the words change. Not
 * thread-safe.
 */
public final class EventCursor {
  private static final int WORDS_OF_A_RANGE = 2;

  private EventWords events;
  private int at;
  private int next;

  /** A cursor before the first of {@code events}. */
  public static EventCursor of(EventWords events) {
    EventCursor cursor = new EventCursor();
    cursor.begin(events);
    return cursor;
  }

  /** Stands before the first of {@code events}. */
  public void begin(EventWords events) {
    this.events = events;
    at = 0;
    next = 0;
  }

  /** Goes to the next event; false behind the last. */
  public boolean next() {
    if (next >= events.size()) {
      return false;
    }
    at = next;
    next = events.next(at);
    return true;
  }

  /** What kind of event it is. */
  public EventKind kind() {
    return EventKind.of(code());
  }

  /** The code of its kind. */
  public int code() {
    return EventWords.code(events.words()[at]);
  }

  /** Whether events of its kind have an argument. */
  public boolean has(EventArgument argument) {
    return argument.column(code()) != EventArgument.MISSING;
  }

  /** The value of an argument that it {@link #has}. */
  public long get(EventArgument argument) {
    return argument(argument.column(code()));
  }

  /** Its instant in nanoseconds. */
  public long t() {
    return EventWords.instant(events.words()[at]);
  }

  /** The argument of column {@code column} of its kind. */
  public long argument(int column) {
    return events.words()[at + EventWords.HEAD_WORDS + column];
  }

  /** Physical ranges that follow the columns; none but for {@link EventKind#DMA_REQUESTED}. */
  public int ranges() {
    return kind() == EventKind.DMA_REQUESTED
        ? (int) argument(EventKind.DMA_REQUESTED.columns().size() - 1)
        : 0;
  }

  /** Physical address of range {@code range}. */
  public long rangeStart(int range) {
    return events.words()[rangeAt(range)];
  }

  /** Bytes of range {@code range}. */
  public int rangeLength(int range) {
    return (int) events.words()[rangeAt(range) + 1];
  }

  private int rangeAt(int range) {
    return at
        + EventWords.HEAD_WORDS
        + EventKind.DMA_REQUESTED.columns().size()
        + range * WORDS_OF_A_RANGE;
  }

  /** Calls the method of {@code sink} that this event is. */
  public void to(EventSink sink) {
    events.dispatch(at, sink);
  }
}
