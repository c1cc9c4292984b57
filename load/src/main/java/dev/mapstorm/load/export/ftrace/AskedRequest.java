package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.load.export.MappingsOfRequest;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.Arrays;
import java.util.Optional;

/** A request that was asked for: its ranges, and what of it is mapped. Not thread-safe. */
final class AskedRequest {
  private final Direction direction;
  private final MapApi api;
  private final long[] phys;
  private final int[] length;
  private final MappingsOfRequest<LiveMapping> live = new MappingsOfRequest<>(LiveMapping::number);
  private int next;
  private int first;

  AskedRequest(Direction direction, MapApi api, long[] phys, int[] length) {
    this.direction = direction;
    this.api = api;
    this.phys = phys;
    this.length = length;
  }

  /** Direction of the transfer. */
  Direction direction() {
    return direction;
  }

  /** Takes the next ranges, as many as a mapping of {@code bytes} covers. */
  void take(long bytes) {
    first = next;
    long left = bytes;
    while (left > 0 && next < phys.length) {
      left -= length[next++];
    }
  }

  /** Physical start of each range that was taken last. */
  long[] phys() {
    return Arrays.copyOfRange(phys, first, next);
  }

  /** Bytes of each range that was taken last. */
  int[] length() {
    return Arrays.copyOfRange(length, first, next);
  }

  /**
   * The calls for what was taken last. One range of several was mapped on its own, whatever way the
   * request asked for.
   */
  LiveMapping.Form form() {
    if (api == MapApi.COHERENT) {
      return LiveMapping.Form.COHERENT;
    }
    boolean oneOfSeveral = next - first == 1 && phys.length > 1;
    return api == MapApi.PAGE || oneOfSeveral ? LiveMapping.Form.PAGE : LiveMapping.Form.LIST;
  }

  /** What was taken is mapped. */
  void mapped(LiveMapping mapping) {
    live.mapped(mapping);
  }

  /** A mapping is taken back, if it is known. */
  Optional<LiveMapping> unmapped(int number) {
    return live.unmapped(number);
  }

  /** Whether it holds no mapping. */
  boolean isUnmapped() {
    return live.size() == 0;
  }
}
