package dev.mapstorm.actors.core;

import dev.mapstorm.actors.spec.AtsSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import java.util.List;
import java.util.stream.IntStream;

/** The devices of a host that have a TLB of their own (ATS). Immutable. */
public final class AtsDevices {
  private static final int[] NONE = {};

  /** By unit and domain, in ascending order. */
  private final int[][][] devices;

  private final AtsSpec[] specs;
  private final boolean[] present;

  /**
   * Those of these devices.
   *
   * @param units of the host
   * @param domains of the host
   */
  AtsDevices(List<DeviceSpec> all, int units, int domains) {
    specs = all.stream().map(DeviceSpec::ats).toArray(AtsSpec[]::new);
    present = new boolean[all.size()];
    devices = new int[units][][];
    for (int device = 0; device < specs.length; device++) {
      DeviceSpec each = all.get(device);
      present[device] = each.misuse().present();
      if (specs[device] != null && each.iommu() < units) {
        if (devices[each.iommu()] == null) {
          devices[each.iommu()] = new int[domains][];
        }
        int[][] ofUnit = devices[each.iommu()];
        int[] before = ofUnit[each.domain()] == null ? NONE : ofUnit[each.domain()];
        ofUnit[each.domain()] =
            IntStream.concat(IntStream.of(before), IntStream.of(device)).toArray();
      }
    }
  }

  /** Whether there is one behind a unit. */
  public boolean behind(int iommu) {
    return devices[iommu] != null;
  }

  /** Those of a domain behind a unit; not to be changed. */
  public int[] of(int iommu, int domain) {
    int[] found = behind(iommu) ? devices[iommu][domain] : null;
    return found == null ? NONE : found;
  }

  /** How long a unit waits for an answer of the device, which is one of these. */
  public long timeoutNs(int device) {
    return specs[device].timeoutNs();
  }

  /** Whether the device is found on its bus when it has not answered. */
  public boolean present(int device) {
    return present[device];
  }
}
