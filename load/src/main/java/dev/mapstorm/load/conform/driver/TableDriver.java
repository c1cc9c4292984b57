package dev.mapstorm.load.conform.driver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.MapResult;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.load.conform.JsonLine;

/** A driver that writes page tables: what they all have in common. */
abstract class TableDriver extends Driver {
  private static final long EEXIST = 17;
  private static final long EADDRINUSE = 98;

  private final PageTable table;
  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private final IotlbGather gather = new IotlbGather();

  TableDriver(CommandText commands, PageTableFormat format) {
    super(commands);
    table = new PageTable(format);
  }

  @Override
  final long map(long iova, long paddr, long size) {
    MapResult result = table.map(iova, paddr, size, PageTable.READ | PageTable.WRITE, mapped);
    tablesReplaced(mapped);
    if (result != MapResult.MAPPED) {
      return -(table.format().rules().callsByPageSize() ? EEXIST : EADDRINUSE);
    }
    syncMap(iova, size);
    return 0;
  }

  /** The table grew, or large pages took the place of tables. */
  abstract void tablesReplaced(MappedRuns runs);

  /** {@code iotlb_sync_map}. */
  abstract void syncMap(long iova, long size);

  @Override
  final void begin(boolean queued) {
    gather.start(queued);
    begun(queued);
  }

  /** A gather has begun. */
  void begun(boolean queued) {}

  @Override
  final long unmap(long iova, long size) {
    long bytes = table.unmap(iova, size, unmapped);
    gather(iova, bytes, unmapped, gather);
    return bytes;
  }

  /**
   * Gathers what was unmapped.
   *
   * @param bytes all of it
   */
  abstract void gather(long iova, long bytes, UnmappedRuns runs, IotlbGather into);

  @Override
  final void sync() {
    if (gather.finish()) {
      sync(gather);
    } else {
      syncNothing();
    }
  }

  /** Syncs the range that the gather gave out. */
  abstract void sync(IotlbGather from);

  /** Syncs a gather that has no range, which Linux 7.2 does not hand to the driver. */
  void syncNothing() {}

  /** Arguments of a {@code direct} operation of a kind. */
  static JsonNode arguments(JsonLine line, int count) {
    return line.row(line.value("args"), "args", count);
  }
}
