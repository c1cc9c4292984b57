package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.DeviceSpec;
import java.util.List;
import java.util.stream.IntStream;

/** The devices of a host that have a TLB of their own (ATS). Immutable. */
public final class AtsDevices {
  private static final int[] NONE = {};

  /** By unit, and in it by domain, in ascending order; null without one. */
  private final int[][] devices;

  private final int domains;
  private final long[] timeoutNs;
  private final boolean[] present;
  private final boolean[] behind;

  /**
   * Those of these devices.
   *
   * @param units of the host
   * @param domains of the host
   */
  AtsDevices(List<DeviceSpec> all, int units, int domains) {
    this.domains = domains;
    timeoutNs = new long[all.size()];
    present = new boolean[all.size()];
    behind = new boolean[units];
    devices = new int[units * domains][];
    for (int device = 0; device < timeoutNs.length; device++) {
      DeviceSpec each = all.get(device);
      present[device] = each.misuse().present();
      if (each.ats() != null && each.iommu() < units) {
        timeoutNs[device] = each.ats().timeoutNs();
        behind[each.iommu()] = true;
        int[] before = of(each.iommu(), each.domain());
        devices[each.iommu() * domains + each.domain()] =
            IntStream.concat(IntStream.of(before), IntStream.of(device)).toArray();
      }
    }
  }

  /** Whether there is one behind a unit. */
  public boolean behind(int iommu) {
    return behind[iommu];
  }

  /** Those of a domain behind a unit; not to be changed. */
  public int[] of(int iommu, int domain) {
    int[] found = devices[iommu * domains + domain];
    return found == null ? NONE : found;
  }

  /** How long a unit waits for an answer of the device, which is one of these. */
  public long timeoutNs(int device) {
    return timeoutNs[device];
  }

  /** Whether the device is found on its bus when it has not answered. */
  public boolean present(int device) {
    return present[device];
  }
}
