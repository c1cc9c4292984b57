package dev.mapstorm.load.conform.driver;

import dev.mapstorm.load.conform.JsonLine;
import dev.mapstorm.load.text.TextFormatException;

/** A driver's models together, for one domain: what the operations of a vector file ask of it. */
abstract class Driver {
  private final CommandText commands;

  Driver(CommandText commands) {
    this.commands = commands;
  }

  /** The commands since the last {@link CommandText#clear}. */
  final CommandText commands() {
    return commands;
  }

  /**
   * {@code iommu_map}.
   *
   * @return 0, or the error that Linux gives
   */
  abstract long map(long iova, long paddr, long size);

  /** Begins a gather; queued: nothing will be synced. */
  abstract void begin(boolean queued);

  /**
   * {@code iommu_unmap_fast}.
   *
   * @return bytes unmapped
   */
  abstract long unmap(long iova, long size);

  /** {@code iommu_iotlb_sync}. */
  abstract void sync();

  /** {@code flush_iotlb_all}. */
  abstract void flushAll();

  /**
   * The driver's range flush itself.
   *
   * @throws TextFormatException if the driver has no such
   */
  abstract void direct(JsonLine line);
}
