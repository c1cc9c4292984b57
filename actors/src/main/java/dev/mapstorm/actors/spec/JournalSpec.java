package dev.mapstorm.actors.spec;

/**
 * How a host's events become batches, and how often the host itself is stored.
 *
 * @param enabled whether there are events at all
 * @param batchEvents events after which a batch is cut
 * @param batchIntervalNs virtual time after which a batch is cut
 * @param credits batches that may be on their way to the store before the clock is held
 * @param checkpointEvents events after which a checkpoint is stored with the batch that completes
 *     them; 0 for no checkpoints. No result depends on it
 */
public record JournalSpec(
    boolean enabled, int batchEvents, long batchIntervalNs, int credits, long checkpointEvents) {

  /** The same without events. */
  public JournalSpec off() {
    return new JournalSpec(false, batchEvents, batchIntervalNs, credits, checkpointEvents);
  }

  /** The same without checkpoints. */
  public JournalSpec withoutCheckpoints() {
    return new JournalSpec(enabled, batchEvents, batchIntervalNs, credits, 0);
  }
}
