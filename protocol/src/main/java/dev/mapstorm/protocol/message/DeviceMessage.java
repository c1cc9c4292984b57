package dev.mapstorm.protocol.message;

/** What a device hears: doorbells, answers of its IOMMU, and its own latencies. */
public sealed interface DeviceMessage extends Message {

  /** A driver posted a request: {@code bytes} in {@code vectors}. */
  record Doorbell(int client, long op, int direction, long bytes, long[] vectors)
      implements DeviceMessage {}

  /** The medium has the data of the request in {@code slot}, or the wire has its packet. */
  record Ready(int slot) implements DeviceMessage {}

  /** The addresses of the request in {@code slot} are translated after {@code stallNs}. */
  record Translated(int slot, long stallNs, boolean faulted) implements DeviceMessage {}

  /** The link has moved the request in {@code slot}. */
  record Transferred(int slot) implements DeviceMessage {}
}
