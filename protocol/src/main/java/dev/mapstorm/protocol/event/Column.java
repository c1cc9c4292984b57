package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.event.declaration.Unit;

/**
 * One argument of an event and how the journal codes it. A column is coded by itself, all events of
 * its kind in a batch one after the other; every number is a varint, and the modes only choose what
 * is subtracted first.
 *
 * @param name the argument's name, as in {@link EventSink}
 * @param mode what is coded
 * @param key index of the column, before this one, that the mode refers to; 0 for modes that refer
 *     to none
 * @param unit what it counts
 */
public record Column(String name, Mode mode, int key, Unit unit) {

  /** How a value becomes a varint. */
  public enum Mode {
    /** The value itself; a negative one takes ten bytes. */
    PLAIN,
    /** Zigzag of the difference to the last value of the column with the same key. */
    DELTA,
    /** Zigzag of the difference of the key, in the same event, to the value. */
    RELATIVE,
    /**
     * Zigzag of the difference to the last value that an argument of this name had in an event of
     * the same call, in this column or in one that was coded before it; of a call that has none, to
     * the last value of this column. The key is {@code call}, and {@code domain} is right before
     * it.
     */
    PER_CALL,
    /**
     * The place of the value in the batch's list of physical ranges, as the difference to the place
     * behind that of the event before; of a value that is not near there, the difference to the
     * last value. The values must fit 62 bits.
     */
    LISTED,
    /**
     * 0 if the value is the one that followed the key's last value the last time it was seen, else
     * 1 + zigzag of the difference to the last value. Physical pages come in sequences that repeat
     * (buffers are reused), so many cost one byte. The values must fit 62 bits.
     */
    PREDICTED,
  }

  /** Coded without a key. */
  static Column plain(String name, Unit unit) {
    return new Column(name, Mode.PLAIN, 0, unit);
  }
}
