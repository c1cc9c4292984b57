package dev.mapstorm.protocol.message;

/** What a device hears: doorbells, answers of its IOMMU, and its own latencies. */
public sealed interface DeviceMessage extends Message {

  /**
   * A driver posted a request: {@code bytes} in {@code vectors}; the completion carries {@code tag}
   * back (the command identifier).
   */
  record Doorbell(int client, long op, int tag, int direction, long bytes, long[] vectors)
      implements DeviceMessage {}

  /** The medium has the data of the request in {@code slot}, or the wire has its packet. */
  record Ready(int slot) implements DeviceMessage {}

  /**
   * The addresses of the request in {@code slot} are translated: {@code pages}, of which {@code
   * hits} in the IOTLB, with {@code reads} of page tables; the first granule that is not mapped, or
   * -1.
   */
  record Translated(int slot, long pages, long hits, long reads, long stallNs, long missingPfn)
      implements DeviceMessage {}

  /** The link has moved the request in {@code slot}. */
  record Transferred(int slot) implements DeviceMessage {}
}
