package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.DeviceSpec;
import java.util.List;

/**
 * The DMA masks of a host's devices. What a device cannot address is not given to it, however wide
 * its domain is. Immutable.
 */
public final class DmaMasks {
  private final long[] streaming;
  private final long[] coherent;

  /** The masks of these devices. */
  DmaMasks(List<DeviceSpec> devices) {
    streaming = devices.stream().mapToLong(DeviceSpec::limitPfn).toArray();
    coherent = devices.stream().mapToLong(DeviceSpec::coherentLimitPfn).toArray();
  }

  /** Highest granule that a device may be given in a domain that ends at {@code domainPfn}. */
  public long limitPfn(int device, boolean forCoherent, long domainPfn) {
    return Math.min(domainPfn, (forCoherent ? coherent : streaming)[device]);
  }
}
