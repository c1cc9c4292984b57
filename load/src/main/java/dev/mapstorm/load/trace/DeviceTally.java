package dev.mapstorm.load.trace;

/** Counts the requests of one device. Not thread safe. */
final class DeviceTally {
  private final String name;
  private long maps;
  private long unmaps;
  private long bytes;
  private long peakLive;
  private boolean translated;

  DeviceTally(String name) {
    this.name = name;
  }

  /** A map of so many bytes, translated or not. */
  void map(long mapBytes, boolean throughPageTable) {
    maps++;
    bytes += mapBytes;
    peakLive = Math.max(peakLive, maps - unmaps);
    translated |= throughPageTable;
  }

  /** An unmap. */
  void unmap() {
    unmaps++;
  }

  /** The counts so far. */
  DeviceSummary summary() {
    return new DeviceSummary(name, maps, unmaps, bytes, peakLive, translated);
  }
}
