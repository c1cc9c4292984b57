package dev.mapstorm.actors.time;

/**
 * Where a host's events gather until they leave for the journal. A clock asks before every step, so
 * a batch ends between two messages, at a point that depends on events and virtual time only.
 */
public interface EventGate {
  /** Whether the events so far must leave before the clock moves to {@code next}. */
  boolean isDue(long next);

  /** Whether no event has gathered. */
  boolean isEmpty();

  /**
   * Makes room: sends the events so far on their way if they complete a batch.
   *
   * @param next the instant that the clock is about to move to
   * @return false if the journal takes none now; then nothing has changed
   */
  boolean cut(long next);

  /**
   * Sends the last events on their way, complete batch or not.
   *
   * @return false if the journal takes none now
   */
  boolean finish(long now);

  /** For hosts without a journal. */
  EventGate NONE =
      new EventGate() {
        @Override
        public boolean isDue(long next) {
          return false;
        }

        @Override
        public boolean isEmpty() {
          return true;
        }

        @Override
        public boolean cut(long next) {
          return true;
        }

        @Override
        public boolean finish(long now) {
          return true;
        }
      };
}
