package dev.mapstorm.actors.model.amd;

/**
 * The command buffer of an AMD-Vi unit: a ring of which the unit takes one command after the other
 * ({@code __iommu_queue_command_sync}, drivers/iommu/amd/iommu.c in Linux 6.12). A command is
 * queued while more than two slots are left after it; otherwise the CPU reads the head again every
 * microsecond.
 *
 * <p>Time is handed in, in nanoseconds, and may not go back. Who holds the lock meanwhile is the
 * caller's business. Not thread safe.
 */
public final class CommandBuffer {
  /** {@code CMD_BUFFER_SIZE} by the 16 bytes of a command. */
  public static final int DEFAULT_ENTRIES = 512;

  /** A command needs more than {@code 0x20} bytes left, and one slot stays empty. */
  public static final int MIN_ENTRIES = 4;

  private static final int SPARE = 3;

  private final long[] doneNs;
  private final long pollNs;
  private int first;
  private int used;
  private long unitFreeNs;
  private long postedNs;
  private long lastDoneNs;

  /**
   * An empty buffer.
   *
   * @param entries of the ring, at least {@link #MIN_ENTRIES}
   * @param pollNs time between two looks at the head ({@code udelay(1)}), at least 1
   */
  public CommandBuffer(int entries, long pollNs) {
    if (entries < MIN_ENTRIES || pollNs < 1) {
      throw new IllegalArgumentException(
          "a command buffer has " + MIN_ENTRIES + " entries or more, is " + entries);
    }
    doneNs = new long[entries];
    this.pollNs = pollNs;
  }

  /**
   * Queues a command at {@code nowNs}, or when the head was seen to have moved far enough.
   *
   * @param serviceNs what the unit takes for it
   * @return the instant at which it is queued; {@link #lastDoneNs} is that at which it is done
   */
  public long post(long nowNs, long serviceNs) {
    if (nowNs < postedNs) {
      throw new IllegalArgumentException("time went back from " + postedNs + " to " + nowNs);
    }
    long at = nowNs;
    take(at);
    while (used > doneNs.length - SPARE - 1) {
      long wanted = doneNs[first];
      at += (wanted - at + pollNs - 1) / pollNs * pollNs;
      take(at);
    }
    unitFreeNs = Math.max(at, unitFreeNs) + serviceNs;
    doneNs[(first + used) % doneNs.length] = unitFreeNs;
    used++;
    postedNs = at;
    lastDoneNs = unitFreeNs;
    return at;
  }

  /** The instant at which the command queued last is done. */
  public long lastDoneNs() {
    return lastDoneNs;
  }

  /** The instant of the command queued last: none can be queued before it. */
  public long postedNs() {
    return postedNs;
  }

  private void take(long nowNs) {
    while (used > 0 && doneNs[first] <= nowNs) {
      first = (first + 1) % doneNs.length;
      used--;
    }
  }
}
