package dev.mapstorm.actors.model.iova;

import java.util.Arrays;

/**
 * Which devices still try 32-bit space first: {@code dev->iommu->pci_32bit_workaround} of Linux
 * 6.12, one flag for each device, whatever domain it is in.
 *
 * <p>{@code iommu_dma_init_domain} of a PCI device sets the flag unless {@code iommu.forcedac=1};
 * the first failure to find 32-bit space clears it for good. Device numbers are the caller's. Not
 * thread-safe.
 */
public final class Pci32Workaround {
  private final boolean[] active;

  /** Devices whose flag stays, as if there were none: before Linux 6.5. */
  private final boolean[] kept;

  private Pci32Workaround(boolean[] active) {
    this.active = active;
    kept = new boolean[active.length];
  }

  /**
   * A flag for each of {@code devices} devices, all set or all clear.
   *
   * @throws IllegalArgumentException if {@code devices} is negative
   */
  public static Pci32Workaround of(int devices, boolean active) {
    if (devices < 0) {
      throw new IllegalArgumentException("number of devices " + devices + " is negative");
    }
    boolean[] flags = new boolean[devices];
    Arrays.fill(flags, active);
    return new Pci32Workaround(flags);
  }

  /**
   * Whether {@code device} still tries 32-bit space first.
   *
   * @throws IllegalArgumentException if there is no such device
   */
  public boolean isActive(int device) {
    return active[checked(device)];
  }

  /**
   * Sets or clears the flag of {@code device}.
   *
   * @throws IllegalArgumentException if there is no such device
   */
  public void set(int device, boolean value) {
    active[checked(device)] = value;
  }

  /**
   * Makes {@code device} try 32-bit space first for ever, as before Linux 6.5.
   *
   * @throws IllegalArgumentException if there is no such device
   */
  public void keep(int device) {
    set(device, true);
    kept[device] = true;
  }

  /**
   * No 32-bit space was found for {@code device}.
   *
   * @throws IllegalArgumentException if there is no such device
   */
  public void failed(int device) {
    active[checked(device)] = kept[device];
  }

  private int checked(int device) {
    if (device < 0 || device >= active.length) {
      throw new IllegalArgumentException(
          "device " + device + " is not in 0.." + (active.length - 1));
    }
    return device;
  }
}
