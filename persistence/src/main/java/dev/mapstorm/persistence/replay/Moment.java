package dev.mapstorm.persistence.replay;

/**
 * A moment of a host: behind the last event that counts.
 *
 * @param lastInstant events at this instant still count, later ones do not
 * @param events events with numbers below this count
 */
public record Moment(long lastInstant, long events) {
  /** Behind everything. */
  public static final Moment END = new Moment(Long.MAX_VALUE, Long.MAX_VALUE);

  /** Behind all events up to and at {@code t}. */
  public static Moment at(long t) {
    return new Moment(t, Long.MAX_VALUE);
  }

  /** Behind the first {@code events} events. */
  public static Moment after(long events) {
    return new Moment(Long.MAX_VALUE, events);
  }

  /** Whether the event of a number, counted from 0, and an instant stands before it. */
  public boolean counts(long number, long t) {
    return number < events && t <= lastInstant;
  }

  /**
   * Whether a stream is known that far.
   *
   * @param knownEvents the first events of it that are known
   * @param knownInstant of the last of them
   */
  public boolean isWithin(long knownEvents, long knownInstant) {
    return knownEvents >= events || knownInstant > lastInstant;
  }
}
