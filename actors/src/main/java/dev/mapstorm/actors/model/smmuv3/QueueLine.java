package dev.mapstorm.actors.model.smmuv3;

/** What an access to a command queue touches: cache lines that CPUs share, and registers. */
public enum QueueLine {
  /** PROD and CONS in one word, on a line of its own. */
  WORD,
  /** The lock and {@code owner_prod}, side by side. */
  LOCK,
  /** The map of valid slots. */
  VALID_MAP,
  /** The CPU's own CMD_SYNC in the queue, until the unit writes it. */
  SLOT,
  /** The PROD register. */
  PROD_REGISTER,
  /** The CONS register. */
  CONS_REGISTER
}
