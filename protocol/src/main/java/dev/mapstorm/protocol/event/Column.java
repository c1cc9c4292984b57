package dev.mapstorm.protocol.event;

/**
 * One argument of an event and how the journal codes it. A column is coded by itself, all events of
 * its kind in a batch one after the other; every number is a varint, and the modes only choose what
 * is subtracted first.
 *
 * @param name the argument's name, as in {@link EventSink}
 * @param mode what is coded
 * @param key index of the column, before this one and {@link Mode#PLAIN}, whose value says which
 *     earlier value to compare with: the last one of the same client, CPU or domain
 */
public record Column(String name, Mode mode, int key) {

  /** How a value becomes a varint. */
  public enum Mode {
    /** The value itself; a negative one takes ten bytes. */
    PLAIN,
    /** Zigzag of the difference to the last value with the same key. */
    DELTA,
    /**
     * 0 if the value is the one that followed the key's last value the last time it was seen, else
     * 1 + zigzag of the difference to the last value. Physical pages come in sequences that repeat
     * (buffers are reused), so many cost one byte. The values must fit 62 bits.
     */
    PREDICTED,
  }

  static Column plain(String name) {
    return new Column(name, Mode.PLAIN, 0);
  }

  static Column delta(String name, int key) {
    return new Column(name, Mode.DELTA, key);
  }

  static Column predicted(String name, int key) {
    return new Column(name, Mode.PREDICTED, key);
  }
}
