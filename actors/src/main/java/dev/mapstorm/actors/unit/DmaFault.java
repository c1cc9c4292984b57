package dev.mapstorm.actors.unit;

/**
 * An access that a unit refused, for the line that its driver logs.
 *
 * @param iommu the unit
 * @param domain the domain, from 0
 * @param device the device, from 0; on PCI function 0 of a bus of its own
 * @param driver what the device's driver is called
 * @param iova the address, of which the low 12 bits are 0
 * @param write whether the device wrote
 * @param present whether there is an entry, which does not give the right
 */
public record DmaFault(
    int iommu, int domain, int device, String driver, long iova, boolean write, boolean present) {
  /** Hardware's id of domain 0; drivers keep 0 for themselves. */
  private static final int FIRST_DOMAIN_ID = 1;

  /** The bus of device 0: bus 0 has bridges. */
  private static final int FIRST_BUS = 1;

  /** Hardware's id of the domain. */
  public int domainId() {
    return FIRST_DOMAIN_ID + domain;
  }

  /** The PCI address: bus, device, function. */
  public String bdf() {
    return bdf(device);
  }

  /** The PCI address of a device, from 0. */
  public static String bdf(int device) {
    return "%02x:00.0".formatted(FIRST_BUS + device & 0xff);
  }

  /** The requester id, as SMMU and virtio-iommu number devices. */
  public int requester() {
    return (FIRST_BUS + device & 0xff) << 8;
  }
}
