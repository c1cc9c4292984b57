package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.DeviceSpec;
import java.util.List;

/**
 * The page walks that devices of a host have under way, where a device may have so many at a time.
 * Not thread-safe.
 */
public final class DeviceWalks {
  /** By device: until when each of its walks lasts; null without a limit. */
  private final long[][] busyUntil;

  /** Of these devices, which have none under way. */
  DeviceWalks(List<DeviceSpec> devices) {
    busyUntil = new long[devices.size()][];
    for (int device = 0; device < busyUntil.length; device++) {
      int walks = devices.get(device).walks();
      busyUntil[device] = walks == DeviceSpec.NO_LIMIT ? null : new long[walks];
    }
  }

  /** The instant, not before {@code now}, from which a device may have one more under way. */
  public long mayStart(int device, long now) {
    long[] own = busyUntil[device];
    return own == null ? now : Math.max(now, own[earliest(own)]);
  }

  /** A walk of the device begins, as soon as it may, and lasts to an instant. */
  public void started(int device, long end) {
    long[] own = busyUntil[device];
    if (own != null) {
      own[earliest(own)] = end;
    }
  }

  /** The place of the one that ends first. */
  public static int earliest(long[] ends) {
    int first = 0;
    for (int i = 1; i < ends.length; i++) {
      if (ends[i] < ends[first]) {
        first = i;
      }
    }
    return first;
  }
}
