package dev.mapstorm.protocol.event;

/**
 * One argument of an event and how the journal codes it. Every number is a varint; the modes only
 * choose what is subtracted first.
 *
 * @param name the argument's name, as in {@link EventSink}
 * @param mode what is coded
 * @param context which memory of earlier values is used; events that talk of the same thing share
 *     one
 * @param key index of the argument whose value picks the slot in that memory
 */
public record Column(String name, Mode mode, Context context, int key) {

  /** How a value becomes a varint. */
  public enum Mode {
    /** The value itself; it is never negative. */
    PLAIN,
    /** Zigzag of the difference to the last value in the same context and slot. */
    DELTA,
    /**
     * 0 if the value is the one that followed the slot's last value the last time it was seen, else
     * 1 + zigzag of the difference to the last value. Physical pages come in sequences that repeat
     * (buffers are reused, a mapping follows its request), so most cost one byte.
     */
    PREDICTED,
  }

  /** Memories of earlier values, each with one slot a key. */
  public enum Context {
    /** Nothing is remembered. */
    NONE,
    /** Request numbers by client. */
    OP,
    /** Granules last allocated or mapped, by client. */
    IOVA_OF_CLIENT,
    /** Granules last cleared or freed, by CPU. */
    IOVA_OF_CPU,
    /** Granules last mapped or unmapped, by client, for the clearing side. */
    CLEARED_OF_CLIENT,
    /** Physical granules of requests, by client. */
    PHYS_REQUESTED,
    /** Physical granules of page-table entries, by client. */
    PHYS_MAPPED,
    /** Lengths of physical ranges, by client. */
    LENGTH,
    /** Bytes of requests, by client. */
    BYTES,
    /** Mapping numbers by client. */
    MAPPING,
    /** Page-table pages by domain. */
    TABLES,
  }

  static Column plain(String name) {
    return new Column(name, Mode.PLAIN, Context.NONE, 0);
  }

  static Column delta(String name, Context context, int key) {
    return new Column(name, Mode.DELTA, context, key);
  }

  static Column predicted(String name, Context context, int key) {
    return new Column(name, Mode.PREDICTED, context, key);
  }
}
