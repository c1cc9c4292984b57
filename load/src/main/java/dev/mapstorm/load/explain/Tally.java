package dev.mapstorm.load.explain;

import java.util.SortedMap;
import java.util.TreeMap;

/** Counts the mappings of one device or task. Not thread safe. */
final class Tally {
  private final SortedMap<Long, Long> sizes = new TreeMap<>();
  private long maps;
  private long unmaps;
  private long bytes;
  private long failed;
  private long firstNs = Long.MAX_VALUE;
  private long lastNs = Long.MIN_VALUE;

  void mapped(long timeNs, long size) {
    maps++;
    bytes += size;
    sizes.merge(size, 1L, Long::sum);
    at(timeNs);
  }

  /** Takes back a mapping that turned out to be another's. */
  void retracted(long size) {
    maps--;
    bytes -= size;
    sizes.merge(size, -1L, (one, other) -> one + other == 0 ? null : one + other);
  }

  void unmapped(long timeNs) {
    unmaps++;
    at(timeNs);
  }

  void failed(long timeNs) {
    failed++;
    at(timeNs);
  }

  private void at(long timeNs) {
    firstNs = Math.min(firstNs, timeNs);
    lastNs = Math.max(lastNs, timeNs);
  }

  TraceExplanation.Use use(String device, String task) {
    long span = Math.max(lastNs - firstNs, 0);
    return new TraceExplanation.Use(
        device, task, maps, unmaps, bytes, failed, span, new TreeMap<>(sizes));
  }
}
