package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.load.trace.TraceEvent.IommuUnmap;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import java.util.HashMap;
import java.util.Map;

/** What the events of a trace tell of the kernel that wrote it. Not thread safe. */
final class TraceSigns {
  private static final int[] GRANULE_SHIFTS = {16, 14};
  private static final int LEAST_MAPS = 16;

  private final Map<String, Integer> groupOfDevice = new HashMap<>();
  private long written;
  private long maps;
  private boolean calls;
  private boolean directed;
  private boolean segments;
  private boolean cacheTags;
  private boolean bounces;
  private int highestCpu;

  void add(TraceLine line) {
    TraceEvent event = line.event();
    highestCpu = Math.max(highestCpu, line.cpu());
    if (event instanceof IommuMap map) {
      written |= map.iova() | map.size() | map.paddr();
      maps++;
    } else if (event instanceof IommuUnmap unmap) {
      written |= unmap.unmappedSize() == 0 ? 0 : unmap.iova() | unmap.unmappedSize();
    } else if (event instanceof TraceEvent.DmaMap map) {
      calls = true;
      directed |= map.direction() != Direction.BIDIRECTIONAL;
    } else if (event instanceof TraceEvent.DmaAlloc || event instanceof TraceEvent.DmaMapSg) {
      calls = true;
      directed = true;
    } else if (event instanceof TraceEvent.IntelMapSegment) {
      segments = true;
    } else if (event instanceof TraceEvent.SwiotlbBounced) {
      bounces = true;
    } else if (event instanceof TraceEvent.CacheTagFlushAll
        || event instanceof TraceEvent.CacheTagFlushRange) {
      cacheTags = true;
    } else if (event instanceof TraceEvent.DeviceGroup group && group.added()) {
      groupOfDevice.put(group.device(), group.group());
    }
  }

  /**
   * log2 of the bytes of a granule: the largest of 4, 16 and 64 KiB that all page tables fit. A few
   * writes may all fit a larger one by chance, so they count as 4 KiB.
   */
  int granuleShift() {
    return maps < LEAST_MAPS ? Granule.SHIFT : mostGranuleShift();
  }

  /** log2 of the bytes of the largest granule that what was written allows. */
  int mostGranuleShift() {
    for (int shift : GRANULE_SHIFTS) {
      if (written == 0 || Long.numberOfTrailingZeros(written) >= shift) {
        return shift;
      }
    }
    return Granule.SHIFT;
  }

  /** The group of a device, if the trace saw it added. */
  Map<String, Integer> groupOfDevice() {
    return groupOfDevice;
  }

  /** Whether there are events of {@code dma:*}, of Linux from 6.12 on. */
  boolean dmaEvents() {
    return calls && directed && !segments;
  }

  /** Whether there are events of the VT-d driver's own DMA operations, of Linux up to 5.11. */
  boolean intelDmaOperations() {
    return segments || calls && !directed && written == 0;
  }

  /** Whether there are events of cache tags, of Linux from 6.10 on. */
  boolean cacheTags() {
    return cacheTags;
  }

  /** Whether buffers are bounced. */
  boolean bounces() {
    return bounces;
  }

  /** One more than the highest CPU that logged anything. */
  int cpus() {
    return highestCpu + 1;
  }
}
