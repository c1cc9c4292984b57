package dev.mapstorm.load.explain;

import dev.mapstorm.load.explain.TraceExplanation.Bounces;
import dev.mapstorm.load.trace.TraceEvent.SwiotlbBounced;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts bounces by device. Not thread safe. */
final class BounceCount {
  private static final class Device {
    private final SortedMap<Long, Long> sizes = new TreeMap<>();
    private long bytes;
    private long forced;
    private long mask;
  }

  private final Map<String, Device> devices = new LinkedHashMap<>();

  void add(SwiotlbBounced bounce) {
    Device device = devices.computeIfAbsent(bounce.device(), key -> new Device());
    device.sizes.merge(bounce.size(), 1L, Long::sum);
    device.bytes += bounce.size();
    device.forced += bounce.forced() ? 1 : 0;
    device.mask = bounce.mask();
  }

  List<Bounces> bounces() {
    List<Bounces> bounces = new ArrayList<>();
    devices.forEach(
        (name, device) ->
            bounces.add(
                new Bounces(
                    name,
                    device.sizes.values().stream().mapToLong(Long::longValue).sum(),
                    device.bytes,
                    device.sizes.lastKey(),
                    device.forced,
                    Long.SIZE - Long.numberOfLeadingZeros(device.mask),
                    device.sizes)));
    return bounces;
  }
}
