package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.UplinkSpec;
import java.util.List;

/**
 * The uplinks that devices of a host share. Each moves the bytes of one request after the other, in
 * the order in which the devices come to it. Not thread-safe.
 */
public final class Uplinks {
  private static final long NANOS = 1_000_000_000L;

  private final long[] freeAt;

  /** The uplinks of these devices, all idle. */
  Uplinks(List<DeviceSpec> devices) {
    freeAt =
        new long
            [devices.stream()
                    .map(DeviceSpec::uplink)
                    .mapToInt(uplink -> uplink == null ? -1 : uplink.number())
                    .max()
                    .orElse(-1)
                + 1];
  }

  /**
   * Moves the bytes of a request over an uplink as soon as those before it are through.
   *
   * @return when it is through with them, not before {@code now}
   */
  public long move(UplinkSpec uplink, long now, long bytes) {
    long start = Math.max(now, freeAt[uplink.number()]);
    freeAt[uplink.number()] = start + bytes * NANOS / uplink.bytesPerSecond();
    return freeAt[uplink.number()];
  }
}
